// chat         messages: [{role, content: "..." | [{type: text, text}, {type: image_url, ...}, ...], ...}, ...]
// completions  prompt: "..." | ["...", ...] | [token, ...] | [[token, ...], ...]
// embeddings   input:  as prompt
// all          tools, functions, response_format: {type}, max_tokens, n, logprobs, metadata: {name: text}
#include "wire/request_outline.hpp"

#include <charconv>

namespace triage {
namespace {

using Kind = JsonReader::Kind;

}  // namespace

void OutlineReader::read_member(const JsonString& name) {
  if (api_ == Api::chat ? name.is("messages") : name.is(api_ == Api::completions ? "prompt" : "input")) {
    api_ == Api::chat ? read_messages() : read_turn();
  } else if (name.is("tools") || name.is("functions")) {
    read_tools();
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

void OutlineReader::read_messages() {
  if (in_.kind() != Kind::array) {
    in_.skip();
    return;
  }
  in_.enter_array();
  while (in_.next_element()) {
    if (in_.kind() == Kind::object)
      read_message();
    else
      in_.skip();
  }
}

// Its role may come behind its content.
void OutlineReader::read_message() {
  JsonString name;
  JsonString role;
  Span content;
  in_.enter_object();
  while (in_.next_name(name)) {
    if (name.is("role") && in_.kind() == Kind::string) {
      in_.string(role);
    } else if (name.is("content")) {
      content.begin = in_.value_offset();
      read_content();
      content.end = in_.offset();
    } else {
      in_.skip();
    }
  }
  if (role.is("system") || role.is("developer")) out_.system = true;
  if (!role.is("user")) return;
  ++out_.turns;
  out_.turn = content;
}

void OutlineReader::read_turn() {
  out_.turns = 1;
  out_.turn.begin = in_.value_offset();
  read_content();
  out_.turn.end = in_.offset();
}

void OutlineReader::read_content() {
  if (in_.kind() != Kind::array) {
    in_.skip();
    return;
  }
  in_.enter_array();
  while (in_.next_element()) {
    if (in_.kind() == Kind::object)
      read_part();
    else
      in_.skip();
  }
}

void OutlineReader::read_part() {
  JsonString name;
  JsonString type;
  in_.enter_object();
  while (in_.next_name(name)) {
    if (!name.is("type") || in_.kind() != Kind::string || !in_.string(type)) {
      in_.skip();
      continue;
    }
    if (type.is("image_url") || type.is("input_image")) ++out_.images;
    if (type.is("input_audio")) out_.audio = true;
  }
}

void OutlineReader::read_tools() {
  if (in_.kind() != Kind::array) {
    in_.skip();
    return;
  }
  in_.enter_array();
  while (in_.next_element()) {
    out_.tools = true;
    in_.skip();
  }
}

void OutlineReader::read_response_format() {
  if (in_.kind() != Kind::object) {
    in_.skip();
    return;
  }
  JsonString name;
  JsonString type;
  in_.enter_object();
  while (in_.next_name(name)) {
    if (!name.is("type") || in_.kind() != Kind::string || !in_.string(type)) {
      in_.skip();
      continue;
    }
    if (type.is("json_object")) out_.response_format = ResponseFormat::json_object;
    if (type.is("json_schema")) out_.response_format = ResponseFormat::json_schema;
  }
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
