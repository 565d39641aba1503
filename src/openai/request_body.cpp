#include "openai/request_body.hpp"

#include "json/json.hpp"
#include "openai/request_outline.hpp"
#include "text/utf8.hpp"

#include <string>

// {"model": "m", "messages": [...], "stream": true, "stream_options": {"include_usage": true}, ...}
//  ^ object_begin is behind the brace; the values of model, stream_options and include_usage are located as spans.

namespace triage {
namespace {

constexpr std::size_t model_bytes_max = 512;
constexpr std::size_t quoted_bytes_max = 64;

Error invalid(std::string param, std::string message) {
  return Error{ErrorCode::invalid_value, std::move(message), std::move(param)};
}

Error bad_json(const std::string& what, std::size_t offset) {
  return Error{ErrorCode::invalid_json,
               "the body is not a valid JSON object: " + what + " at byte " + std::to_string(offset)};
}

}  // namespace

Error json_error(const JsonReader& in, std::uint32_t depth_max) {
  switch (in.problem()) {
    case JsonReader::Problem::repeated_name:
      return bad_json("the name \"" + std::string(utf8_prefix(in.repeated_name(), quoted_bytes_max)) +
                          "\" comes twice in one object, again",
                      in.problem_offset());
    case JsonReader::Problem::depth: {
      Error error = bad_json(
          "it is nested more than " + std::to_string(std::min(depth_max, JsonReader::depth_limit)) + " levels deep",
          in.problem_offset());
      error.code = ErrorCode::json_too_deep;
      return error;
    }
    default: return bad_json(std::string(in.problem_text()), in.problem_offset());
  }
}

namespace {

/// Reads the members that matter. Faults in their values are reported last, because bad syntax comes first.
class BodyReader {
 public:
  BodyReader(JsonReader& in, ApiRequest& out) : in_(in), out_(out), outline_(in, out) {}

  void read() {
    if (!in_.enter_object()) return;
    out_.object_begin = in_.offset();
    JsonString name;
    while (in_.next_name(name)) {
      if (name.is("model")) {
        read_model();
      } else if (name.is("stream")) {
        out_.stream = read_flag("stream");
      } else if (name.is("stream_options")) {
        read_stream_options();
      } else {
        outline_.read_member(name);
      }
    }
  }

  [[nodiscard]] std::optional<Error> error() const { return error_; }

 private:
  void object_to(std::string param, std::string message) {
    if (!error_) error_ = invalid(std::move(param), std::move(message));
  }

  void read_model() {
    out_.model_value.begin = in_.value_offset();
    if (in_.kind() != JsonReader::Kind::string) {
      object_to("model", "'model' must be a string that names a model");
      in_.skip();
      return;
    }
    JsonString value;
    if (!in_.string(value)) return;
    out_.model_value.end = in_.offset();
    if (value.raw.size() > model_bytes_max) {
      object_to("model", "'model' is longer than " + std::to_string(model_bytes_max) + " bytes");
      return;
    }
    out_.model = value.escaped ? value.text() : std::string(value.raw);
    if (out_.model.empty()) object_to("model", "'model' is empty: it must name a model");
    for (const char c : out_.model)
      if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) object_to("model", "'model' contains a control character");
    if (value.escaped && find_invalid_utf8(out_.model)) object_to("model", "'model' contains half of a surrogate pair");
  }

  bool read_flag(const char* param) {
    bool value = false;
    switch (in_.kind()) {
      case JsonReader::Kind::boolean: in_.boolean(value); break;
      case JsonReader::Kind::null: in_.null(); break;
      default: object_to(param, "'" + std::string(param) + "' must be true or false"); in_.skip();
    }
    return value;
  }

  void read_stream_options() {
    out_.stream_options.begin = in_.value_offset();
    switch (in_.kind()) {
      case JsonReader::Kind::null: in_.null(); break;
      case JsonReader::Kind::object: {
        in_.enter_object();
        JsonString name;
        while (in_.next_name(name)) {
          if (!name.is("include_usage")) {
            in_.skip();
            continue;
          }
          out_.include_usage_value.begin = in_.value_offset();
          out_.include_usage = read_flag("stream_options.include_usage");
          out_.include_usage_value.end = in_.offset();
        }
        break;
      }
      default:
        object_to("stream_options", "'stream_options' must be an object, such as {\"include_usage\": true}");
        in_.skip();
    }
    out_.stream_options.end = in_.offset();
  }

  JsonReader& in_;
  ApiRequest& out_;
  OutlineReader outline_;
  std::optional<Error> error_;
};

}  // namespace

Result<ApiRequest> parse_request_body(Api api, std::string_view body, std::uint32_t depth_max) {
  if (const auto offset = find_invalid_utf8(body)) return bad_json("it is not UTF-8", *offset);

  thread_local JsonNames names;
  names.clear();
  JsonReader in(body, depth_max, &names);
  ApiRequest request;
  request.api = api;
  request.body = body;
  BodyReader reader(in, request);
  reader.read();
  if (!in.finish()) return json_error(in, depth_max);
  if (auto error = reader.error()) return *std::move(error);
  if (request.model_value.empty())
    return Error{ErrorCode::missing_parameter, "'model' is missing: add the name of a model to the body", "model"};
  return request;
}

}  // namespace triage
