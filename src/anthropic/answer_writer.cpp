#include "anthropic/answer_writer.hpp"

#include "answer/usage.hpp"
#include "blocks/block_request.hpp"
#include "blocks/spelling.hpp"
#include "json/json.hpp"
#include "triage/body_padding.hpp"

#include <array>

namespace triage::anthropic {
namespace {

using Kind = BlockEvent::Kind;

struct StatusType {
  int status;
  std::string_view type;
};
constexpr std::array<StatusType, 10> types{{{400, "invalid_request_error"},
                                            {401, "authentication_error"},
                                            {402, "billing_error"},
                                            {403, "permission_error"},
                                            {404, "not_found_error"},
                                            {413, "request_too_large"},
                                            {429, "rate_limit_error"},
                                            {504, "timeout_error"},
                                            {503, "overloaded_error"},
                                            {529, "overloaded_error"}}};

std::string_view stop_word(FinishReason reason) noexcept {
  switch (reason) {
    case FinishReason::stop_sequence: return "stop_sequence";
    case FinishReason::length: return "max_tokens";
    case FinishReason::calls: return "tool_use";
    case FinishReason::refusal: return "refusal";
    default: return "end_turn";
  }
}

void append_quoted(std::string& out, std::string_view raw) {
  out += '"';
  append_spelled(out, raw);
  out += '"';
}

// "stop_reason":"end_turn","stop_sequence":null
void append_stop(std::string& out, const BlockEvent& event) {
  out.append(R"("stop_reason":")").append(stop_word(event.reason)).append(R"(","stop_sequence":)");
  if (event.stopped_at.raw.empty())
    out += "null";
  else
    append_quoted(out, event.stopped_at.raw);
}

// Anthropic's input excludes what was read from and written to the cache.
void append_usage(std::string& out, const Usage& usage) {
  const auto number = [&out](std::string_view before, std::int64_t value) {
    out.append(before).append(std::to_string(value));
  };
  number(R"({"input_tokens":)", std::max<std::int64_t>(0, usage.input - usage.input_cached - usage.cache_write));
  number(R"(,"cache_creation_input_tokens":)", usage.cache_write);
  number(R"(,"cache_read_input_tokens":)", usage.input_cached);
  number(R"(,"output_tokens":)", usage.output);
  out += '}';
}

void append_id(std::string& out, const BlockEvent& begin, std::string_view model) {
  out += R"("id":)";
  append_quoted(out, begin.id.raw.empty() ? "msg" : begin.id.raw);
  out += R"(,"type":"message","role":"assistant","model":)";
  if (model.empty())
    append_quoted(out, begin.name.raw);
  else
    append_json_string(out, model);
}

// What is cited is not encrypted: the mark in that place goes, with the citation, to no model (own_body.hpp).
void append_citation(std::string& out, const BlockEvent& event) {
  append_quoted(out += R"({"type":"web_search_result_location","url":)", event.id.raw);
  append_quoted(out += R"(,"title":)", event.name.raw);
  append_quoted(out += R"(,"cited_text":)", event.text.raw);
  append_quoted(out += R"(,"encrypted_index":)", event.native.raw);
  out += '}';
}

// "event: NAME\ndata: {"type":"NAME"
void open_event(std::string& out, std::string_view name) {
  out.append("event: ").append(name).append("\ndata: {\"type\":\"").append(name).append("\"");
}
void open_event(std::string& out, std::string_view name, std::uint32_t index) {
  open_event(out, name);
  out.append(R"(,"index":)").append(std::to_string(index));
}

}  // namespace

std::string_view error_type(int status) noexcept {
  for (const StatusType& each : types)
    if (each.status == status) return each.type;
  return status >= 500 ? "api_error" : "invalid_request_error";
}

bool is_error_type(std::string_view text) noexcept {
  for (const StatusType& each : types)
    if (each.type == text) return true;
  return text == "api_error";
}

void MessageWriter::put(const BlockEvent& event, std::string& out) {
  if (event.usage) {
    if (usage_)
      merge(*event.usage, *usage_);
    else
      usage_ = event.usage;
  }
  switch (event.kind) {
    case Kind::begin: begin(event, out); break;
    case Kind::block_begin: open_block(event, out); break;
    case Kind::signature:
      if (event.block != BlockKind::thought) break;
      [[fallthrough]];
    case Kind::delta: put_piece(event, out); break;
    case Kind::block_end:
      open_event(out, "content_block_stop", event.index);
      out += "}\n\n";
      break;
    case Kind::finish: append_stop(finish_, event); break;
    case Kind::usage: end(out); break;
    case Kind::citation: put_citation(event, out); break;
  }
}

void MessageWriter::put_citation(const BlockEvent& event, std::string& out) {
  open_event(out, "content_block_delta", event.index);
  append_citation(out += R"(,"delta":{"type":"citations_delta","citation":)", event);
  out += "}}\n\n";
}

void MessageWriter::begin(const BlockEvent& event, std::string& out) {
  open_event(out, "message_start");
  append_id(out += R"(,"message":{)", event, model_);
  out += R"(,"content":[],"stop_reason":null,"stop_sequence":null,"usage":)";
  Usage usage;
  usage.input = input_tokens_;
  if (event.usage) usage = settled(*event.usage);
  append_usage(out, usage);
  out += "}}\n\n";
}

void MessageWriter::open_block(const BlockEvent& event, std::string& out) {
  open_event(out, "content_block_start", event.index);
  out += R"(,"content_block":{)";
  switch (event.block) {
    case BlockKind::thought: out += R"("type":"thinking","thinking":"","signature":"")"; break;
    case BlockKind::redacted:
      out += R"("type":"redacted_thinking","data":)";
      append_quoted(out, event.text.raw);
      break;
    case BlockKind::call:
      out += R"("type":"tool_use","id":)";
      append_quoted(out, event.id.raw);
      out += R"(,"name":)";
      append_quoted(out, event.name.raw);
      out += R"(,"input":{})";
      break;
    default: out += R"("type":"text","text":"")";
  }
  out += "}}\n\n";
}

void MessageWriter::put_piece(const BlockEvent& event, std::string& out) {
  open_event(out, "content_block_delta", event.index);
  const std::string_view delta = event.kind == Kind::signature       ? R"("signature_delta","signature":)"
                                 : event.block == BlockKind::thought ? R"("thinking_delta","thinking":)"
                                 : event.block == BlockKind::call    ? R"("input_json_delta","partial_json":)"
                                                                     : R"("text_delta","text":)";
  out.append(R"(,"delta":{"type":)").append(delta);
  append_quoted(out, event.text.raw);
  out += "}}\n\n";
}

void MessageWriter::end(std::string& out) {
  if (finish_.empty()) return;
  open_event(out, "message_delta");
  out.append(R"(,"delta":{)").append(std::exchange(finish_, {})).append(R"(},"usage":)");
  Usage usage;
  usage.input = input_tokens_;
  append_usage(out, usage_ ? settled(*usage_) : usage);
  out += "}\n\n";
}

namespace {

// Collects what the blocks of a whole answer say.
class WholeMessage {
 public:
  void add(const BlockEvent& event) {
    if (event.usage) usage_ = event.usage;
    switch (event.kind) {
      case Kind::begin: begin_ = event; break;
      case Kind::block_begin: open(event); break;
      case Kind::delta:
        event.block == BlockKind::call ? event.text.append_to(piece_) : void(piece_ += event.text.raw);
        break;
      case Kind::signature: signature_ += event.text.raw; break;
      case Kind::block_end: close(event); break;
      case Kind::finish: finish_ = event; break;
      case Kind::citation: append_citation(citations_ += citations_.empty() ? "" : ",", event); break;
      case Kind::usage: break;
    }
  }

  [[nodiscard]] std::string written(std::string_view model) const {
    std::string out = "{";
    append_id(out, begin_, model);
    out.append(R"(,"content":[)").append(content_).append("],");
    append_stop(out, finish_);
    append_usage(out += R"(,"usage":)", usage_ ? settled(*usage_) : Usage());
    return out += '}';
  }

 private:
  void open(const BlockEvent& event) {
    piece_ = event.block == BlockKind::redacted ? std::string(event.text.raw) : std::string();
    signature_.clear();
    if (!content_.empty()) content_ += ',';
    if (event.block != BlockKind::call) return;
    append_quoted(content_ += R"({"type":"tool_use","id":)", event.id.raw);
    append_quoted(content_ += R"(,"name":)", event.name.raw);
  }

  void close(const BlockEvent& event) {
    switch (event.block) {
      case BlockKind::thought:
        append_quoted(content_ += R"({"type":"thinking","thinking":)", piece_);
        append_quoted(content_ += R"(,"signature":)", signature_);
        break;
      case BlockKind::redacted: append_quoted(content_ += R"({"type":"redacted_thinking","data":)", piece_); break;
      case BlockKind::call: content_.append(R"(,"input":)").append(arguments()); break;
      default:
        append_quoted(content_ += R"({"type":"text","text":)", piece_);
        if (!citations_.empty()) content_.append(R"(,"citations":[)").append(std::exchange(citations_, {})) += ']';
    }
    content_ += '}';
  }

  // An object, whatever the model wrote.
  std::string arguments() {
    const std::size_t size = piece_.size();
    if (size == 0) return "{}";
    piece_.append(body_padding, '\0');
    if (is_json_object(std::string_view(piece_).substr(0, size))) return piece_.substr(0, size);
    std::string out = R"({"arguments":)";
    append_json_string(out, std::string_view(piece_).substr(0, size));
    return out += '}';
  }

  BlockEvent begin_;
  BlockEvent finish_;
  std::string content_;
  std::string citations_;  // of the open text
  std::string piece_;
  std::string signature_;
  std::optional<UsageReport> usage_;
};

}  // namespace

std::string write_message(const std::vector<BlockEvent>& events, std::string_view model) {
  WholeMessage message;
  for (const BlockEvent& event : events) message.add(event);
  return message.written(model);
}

}  // namespace triage::anthropic
