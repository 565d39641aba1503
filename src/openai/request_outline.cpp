// chat         messages: [{role, content: "..." | [{type: text, text}, {type: image_url, ...}, ...], ...}, ...]
// completions  prompt: "..." | ["...", ...] | [token, ...] | [[token, ...], ...]
// embeddings   input:  as prompt
// all          tools, functions, response_format: {type}, max_tokens, n, logprobs, metadata: {name: text}
#include "openai/request_outline.hpp"

#include <charconv>

namespace triage {
namespace {

using Kind = JsonReader::Kind;

}  // namespace

void OutlineReader::read_member(const JsonString& name) {
  if (api_ == Api::chat ? name.is("messages") : name.is(api_ == Api::completions ? "prompt" : "input")) {
    if (api_ == Api::chat) {
      each_element(in_, [this] { read_message(); });
    } else {
      out_.turns = 1;
      out_.turn = read_content();
    }
  } else if (name.is("tools") || name.is("functions")) {
    each_element(in_, [this] {
      out_.tools = true;
      in_.skip();
    });
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
    out_.choices = read_number().value_or(1);
  } else if (name.is("logprobs") || name.is("top_logprobs")) {
    read_logprobs();
  } else if (name.is("metadata") && in_.kind() == Kind::object) {
    out_.metadata_value = skip();
  } else {
    in_.skip();
  }
}

Span OutlineReader::skip() {
  Span out;
  out.begin = in_.value_offset();
  in_.skip();
  out.end = in_.offset();
  return out;
}

// A role may come behind its content.
void OutlineReader::read_message() {
  JsonString role;
  Span content;
  each_member(in_, [&](const JsonString& name) {
    if (name.is("role") && in_.kind() == Kind::string) {
      in_.string(role);
    } else if (name.is("content")) {
      content = read_content();
    } else {
      in_.skip();
    }
  });
  if (role.is("system") || role.is("developer")) out_.system = true;
  if (!role.is("user")) return;
  ++out_.turns;
  out_.turn = content;
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
  each_type([this](const JsonString& type) {
    if (type.is("json_object")) out_.response_format = ResponseFormat::json_object;
    if (type.is("json_schema")) out_.response_format = ResponseFormat::json_schema;
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
