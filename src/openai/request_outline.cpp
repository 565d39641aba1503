// chat         messages: [{role, content: "..." | [{type: text, text}, {type: image_url, ...}, ...], ...}, ...]
// completions  prompt: "..." | ["...", ...] | [token, ...] | [[token, ...], ...]
// embeddings   input:  as prompt
// all          tools, functions, response_format: {type}, max_tokens, n, logprobs, metadata: {name: text},
//              service_tier, web_search_options: {search_context_size}
#include "openai/request_outline.hpp"

#include <algorithm>
#include <charconv>

namespace triage {
namespace {

using Kind = JsonReader::Kind;

Span inside_quotes(Span string) {
  return string.empty() ? string : Span{string.begin + 1, string.end - 1};
}

Role role_of(const JsonString& name) {
  if (name.is("user")) return Role::user;
  if (name.is("assistant")) return Role::assistant;
  if (name.is("system") || name.is("developer")) return Role::system;
  return name.is("tool") || name.is("function") ? Role::tool : Role::other;
}

}  // namespace

void OutlineReader::read_member(const JsonString& name) {
  if (api_ == Api::chat ? name.is("messages") : name.is(api_ == Api::completions ? "prompt" : "input")) {
    read_texts();
  } else if (name.is("tools")) {
    request_.tools = read_tools();
  } else if (name.is("functions")) {
    request_.functions = read_tools();
  } else if (name.is("tool_choice") || name.is("function_call")) {
    request_.tool_choice = skip();
  } else if (name.is("response_format")) {
    read_response_format();
  } else if (name.is("max_completion_tokens")) {
    if (const auto most = read_number()) {
      out_.max_tokens = most;
      completion_max_ = true;
    }
  } else if (name.is("max_tokens")) {
    const auto most = read_number();
    if (!completion_max_) out_.max_tokens = most;
  } else if (name.is("n")) {
    n_ = read_number().value_or(1);
    count_choices();
  } else if (name.is("logprobs")) {
    request_.logprobs_value.begin = in_.value_offset();
    read_logprobs();
    request_.logprobs_value.end = in_.offset();
  } else if (name.is("top_logprobs")) {
    out_.logprobs = read_number().value_or(0) > 0 || out_.logprobs;
  } else if (name.is("service_tier") && in_.kind() == Kind::string) {
    request_.service_tier = inside_quotes(skip());
  } else if (name.is("user") && in_.kind() == Kind::string) {
    request_.user = inside_quotes(skip());
  } else if (name.is("web_search_options") && in_.kind() == Kind::object) {
    read_search_options();
  } else if (name.is("metadata") && in_.kind() == Kind::object) {
    out_.metadata_value = skip();
  } else {
    in_.skip();
  }
}

void OutlineReader::read_texts() {
  request_.texts.begin = in_.value_offset();
  if (api_ == Api::chat) {
    each_element(in_, [this] { read_message(); });
  } else {
    out_.turns = 1;
    out_.turn = read_prompts();
    if (api_ == Api::completions) count_choices();
  }
  request_.texts.end = in_.offset();
}

// A list of texts, or of lists of tokens, is a prompt each.
Span OutlineReader::read_prompts() {
  Span out;
  out.begin = in_.value_offset();
  std::int64_t count = 0;
  each_element(in_, [&] {
    count += in_.kind() == Kind::string || in_.kind() == Kind::array;
    in_.skip();
  });
  prompts_ = std::max<std::int64_t>(1, count);
  out.end = in_.offset();
  return out;
}

// Each prompt is answered `n` times.
void OutlineReader::count_choices() {
  constexpr std::int64_t most = 1'000'000;
  out_.choices = std::clamp<std::int64_t>(n_, 0, most) * std::min(prompts_, most);
}

Span OutlineReader::read_tools() {
  Span out;
  out.begin = in_.value_offset();
  each_element(in_, [this] {
    out_.tools = true;
    in_.skip();
  });
  out.end = in_.offset();
  return out;
}

Span OutlineReader::skip() {
  Span out;
  out.begin = in_.value_offset();
  in_.skip();
  out.end = in_.offset();
  return out;
}

// The role may come after the content.
void OutlineReader::read_message() {
  ChatMessage message;
  message.value.begin = in_.value_offset();
  const bool object = each_member(in_, [&](const JsonString& name) {
    if (name.is("role") && in_.kind() == Kind::string) {
      JsonString role;
      if (in_.string(role)) message.role = role_of(role);
    } else if (name.is("content")) {
      message.content = read_content();
    } else if (name.is("tool_calls") || name.is("function_call")) {
      message.calls = skip();
    } else {
      in_.skip();
    }
  });
  if (!object) return;
  message.value.end = in_.offset();
  if (request_.messages.empty()) request_.messages.reserve(8);
  request_.messages.push_back(message);
  if (message.role == Role::system) out_.system = true;
  if (message.role != Role::user) return;
  ++out_.turns;
  out_.turn = message.content;
}

Span OutlineReader::read_content() {
  Span out;
  out.begin = in_.value_offset();
  each_element(in_, [this] {
    each_type([this](const JsonString& type) {
      if (type.is("image_url") || type.is("input_image")) ++out_.images;
      if (type.is("input_audio")) out_.audio = true;
    });
  });
  out.end = in_.offset();
  return out;
}

void OutlineReader::read_response_format() {
  request_.response_format.begin = in_.value_offset();
  each_member(in_, [this](const JsonString& name) {
    JsonString type;
    if (name.is("json_schema")) {
      read_schema();
    } else if (!name.is("type") || in_.kind() != Kind::string || !in_.string(type)) {
      in_.skip();
    } else {
      if (type.is("json_object")) out_.response_format = ResponseFormat::json_object;
      if (type.is("json_schema")) out_.response_format = ResponseFormat::json_schema;
    }
  });
  request_.response_format.end = in_.offset();
}

void OutlineReader::read_search_options() {
  out_.search = true;
  each_member(in_, [this](const JsonString& name) {
    JsonString size;
    if (!name.is("search_context_size") || in_.kind() != Kind::string)
      in_.skip();
    else if (in_.string(size))
      out_.search_size = from_word<SearchSize>(size.raw);
  });
}

void OutlineReader::read_schema() {
  each_member(in_, [this](const JsonString& name) {
    if (name.is("schema") && in_.kind() == Kind::object)
      request_.schema = skip();
    else
      in_.skip();
  });
}

// Consumes a value; if it is an object with a `type` that is a text, `see` gets that.
template <class See>
void OutlineReader::each_type(See see) {
  each_member(in_, [&](const JsonString& name) {
    JsonString type;
    if (!name.is("type") || in_.kind() != Kind::string || !in_.string(type))
      in_.skip();
    else
      see(type);
  });
}

void OutlineReader::read_logprobs() {
  bool asked = in_.kind() == Kind::number;
  if (in_.kind() == Kind::boolean)
    in_.boolean(asked);
  else
    in_.skip();
  out_.logprobs = out_.logprobs || asked;
}

std::optional<std::int64_t> OutlineReader::read_number() {
  std::string_view spelled;
  if (in_.kind() != Kind::number) {
    in_.skip();
    return std::nullopt;
  }
  if (!in_.number(spelled)) return std::nullopt;
  std::int64_t value = 0;
  const auto [end, problem] = std::from_chars(spelled.data(), spelled.data() + spelled.size(), value);
  if (problem != std::errc() || end != spelled.data() + spelled.size()) return std::nullopt;
  return value;
}

}  // namespace triage
