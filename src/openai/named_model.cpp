#include "openai/named_model.hpp"

#include "http1/multipart.hpp"
#include "json/json.hpp"
#include "openai/request_body.hpp"
#include "triage/message.hpp"

#include <algorithm>
#include <utility>

namespace triage {
namespace {

constexpr std::size_t model_bytes_max = 512;

bool is_name(std::string_view text) noexcept {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  return !text.empty() && text.size() <= model_bytes_max && std::ranges::none_of(text, is_control) &&
         !find_invalid_utf8(text);
}

// Of members that are not called `model`.
bool names_models(std::string_view name) noexcept {
  return iequals(name, "model") || iequals(name, "models") || iequals(name, "model[]");
}

void take(NamedModel& out, std::string_view model, Span value) {
  out.more = out.more || out.named;
  if (std::exchange(out.named, true)) return;
  out.value = value;
  if (is_name(model)) out.model = model;
}

void read_model(JsonReader& in, NamedModel& out) {
  Span value{in.value_offset(), 0};
  JsonString text;
  const bool is_string = in.kind() == JsonReader::Kind::string;
  const bool is_null = in.kind() == JsonReader::Kind::null;
  is_string ? in.string(text) : in.skip();
  value.end = in.offset();
  if (is_null || in.failed()) return;
  take(out, !is_string ? std::string() : text.escaped ? text.text() : std::string(text.raw), value);
}

}  // namespace

Result<NamedModel> read_named_model(std::string_view body, std::uint32_t depth_max) {
  if (const auto offset = find_invalid_utf8(body))
    return Error{ErrorCode::invalid_json,
                 "the body is not a valid JSON object: it is not UTF-8 at byte " + std::to_string(*offset)};
  thread_local JsonNames names;
  names.clear();
  JsonReader in(body, depth_max, &names);
  NamedModel out;
  if (in.enter_object()) {
    JsonString name;
    while (in.next_name(name)) {
      if (name.is("model")) {
        read_model(in, out);
      } else if (names_models(name.raw)) {
        out.more = out.more || in.kind() != JsonReader::Kind::null;
        in.skip();
      } else if (name.is("session")) {
        each_member(in, [&](const JsonString& member) { member.is("model") ? read_model(in, out) : void(in.skip()); });
      } else if (name.is("stream") && in.kind() == JsonReader::Kind::boolean) {
        in.boolean(out.stream);
      } else {
        in.skip();
      }
    }
  }
  if (!in.finish()) return json_error(in, depth_max);
  return out;
}

std::optional<NamedModel> read_form_model(std::string_view content_type, std::string_view body) {
  const auto fields = read_form(content_type, body);
  if (!fields) return std::nullopt;
  NamedModel out;
  for (const FormField& field : *fields) {
    const std::size_t begin = field.value.empty() ? 0 : static_cast<std::size_t>(field.value.data() - body.data());
    if (field.name == "model")
      take(out, field.file ? "" : field.value, {begin, begin + field.value.size()});
    else if (names_models(field.name) || field.name == "session")
      out.more = true;
    else if (field.name == "stream")
      out.stream = field.value == "true";
  }
  return out;
}

}  // namespace triage
