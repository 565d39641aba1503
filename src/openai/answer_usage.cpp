#include "openai/answer_usage.hpp"

#include "answer/usage.hpp"
#include "json/json.hpp"
#include "openai/usage.hpp"
#include "triage/message.hpp"

#include <algorithm>

namespace triage {
namespace {

// Of the items of a response's output: tools that the provider runs and bills (OpenAI, "Pricing", built-in tools).
constexpr std::string_view billed_items[] = {"web_search_call", "file_search_call", "code_interpreter_call",
                                             "image_generation_call"};

bool is_usual_service(const JsonString& tier) {
  return tier.is("default") || tier.is("auto") || tier.is("standard");
}

struct Said {
  std::optional<UsageReport> usage;
  bool tokens_are_all = true;
};

void read_items(JsonReader& in, Said& out) {
  each_element(in, [&] {
    each_member(in, [&](const JsonString& name) {
      JsonString type;
      if (!name.is("type") || in.kind() != JsonReader::Kind::string) {
        in.skip();
      } else if (in.string(type)) {
        if (std::ranges::any_of(billed_items, [&](std::string_view item) { return type.is(item); }))
          out.tokens_are_all = false;
      }
    });
  });
}

void read_member(JsonReader& in, const JsonString& name, Said& out) {
  JsonString text;
  if (name.is("usage")) {
    std::string_view tier;
    if (auto usage = openai::read_usage(in, tier)) out.usage = usage;
  } else if (name.is("output")) {
    read_items(in, out);
  } else if (name.is("service_tier") && in.kind() == JsonReader::Kind::string) {
    if (in.string(text) && !is_usual_service(text)) out.tokens_are_all = false;
  } else {
    in.skip();
  }
}

bool is_type(std::string_view content_type, std::string_view wanted) noexcept {
  const std::string_view type = content_type.substr(0, content_type.find_first_of("; \t"));
  return iequals(type, wanted);
}

}  // namespace

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
  usage_ = settled(*said.usage);
  tokens_are_all_ = said.tokens_are_all && said.usage->unpriced == 0 && said.usage->searches == 0;
}

}  // namespace triage
