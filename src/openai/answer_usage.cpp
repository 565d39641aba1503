#include "openai/answer_usage.hpp"

#include "answer/usage.hpp"
#include "json/json.hpp"
#include "openai/usage.hpp"
#include "triage/message.hpp"

#include <algorithm>

namespace triage {
namespace {

// Items of a response's output for tools that the provider runs and bills (OpenAI, "Pricing", built-in tools).
constexpr std::string_view billed_items[] = {"file_search_call", "code_interpreter_call", "image_generation_call"};
constexpr std::size_t service_tier_bytes_max = 32;

bool is_usual(std::string_view service_tier) noexcept {
  return service_tier == "default" || service_tier == "auto" || service_tier == "standard";
}

bool is_type(std::string_view content_type, std::string_view wanted) noexcept {
  const std::string_view type = content_type.substr(0, content_type.find_first_of("; \t"));
  return iequals(type, wanted);
}

}  // namespace

void AnswerUsage::read_items(JsonReader& in, Said& out) {
  each_element(in, [&] {
    each_member(in, [&](const JsonString& name) {
      JsonString type;
      if (!name.is("type") || in.kind() != JsonReader::Kind::string) {
        in.skip();
      } else if (in.string(type)) {
        if (type.is("web_search_call")) ++out.searches;
        if (std::ranges::any_of(billed_items, [&](std::string_view item) { return type.is(item); })) ++out.billed_tools;
      }
    });
  });
}

void AnswerUsage::read_member(JsonReader& in, const JsonString& name, Said& out) {
  JsonString text;
  std::string_view tier;
  if (name.is("usage")) {
    if (auto usage = openai::read_usage(in, tier)) out.usage = usage;
  } else if (name.is("output")) {
    read_items(in, out);
  } else if (name.is("service_tier") && in.kind() == JsonReader::Kind::string) {
    if (in.string(text)) tier = text.raw;
  } else {
    in.skip();
  }
  if (!tier.empty() && !is_usual(tier)) out.service_tier = tier.substr(0, service_tier_bytes_max);
}

AnswerUsage::Form AnswerUsage::form_of(std::string_view content_type, bool encoded) noexcept {
  if (encoded) return Form::none;
  if (is_type(content_type, "application/json")) return Form::json;
  return is_type(content_type, "text/event-stream") ? Form::events : Form::none;
}

AnswerUsage::AnswerUsage(Form form, std::size_t bytes_max) : form_(form), bytes_max_(bytes_max), events_(bytes_max) {}

void AnswerUsage::feed(std::string_view bytes) {
  if (form_ == Form::none) return;
  if (form_ == Form::events) {
    events_.feed(bytes);
    return read_events();
  }
  too_large_ = json_.size() + bytes.size() > bytes_max_;
  too_large_ ? void(form_ = Form::none) : json_.append(bytes);
}

void AnswerUsage::read_events() {
  for (;;) {
    const auto event = events_.next();
    if (!event) {
      too_large_ = true;
      form_ = Form::none;
      return;
    }
    if (!*event) return;
    read((*event)->data);
  }
}

void AnswerUsage::end() {
  if (form_ == Form::json) return read(json_.view());
  if (form_ != Form::events) return;
  if (const auto last = events_.finish(); last && *last) read((*last)->data);
}

void AnswerUsage::read(std::string_view json) {
  if (json.find("\"usage\"") == std::string_view::npos) return;
  JsonReader in(json);
  Said said;
  each_member(in, [&](const JsonString& name) {
    if (name.is("response"))
      each_member(in, [&](const JsonString& inner) { read_member(in, inner, said); });
    else
      read_member(in, name, said);
  });
  if (!in.finish() || !said.usage) return;
  said_ = std::move(said);
}

}  // namespace triage
