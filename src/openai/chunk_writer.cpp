#include "openai/chunk_writer.hpp"

#include "answer/usage.hpp"
#include "blocks/spelling.hpp"

namespace triage::openai {
namespace {

using Kind = BlockEvent::Kind;

void append_usage(std::string& out, const UsageReport& report) {
  const Usage usage = settled(report);
  const auto number = [&out](std::string_view before, std::int64_t value) {
    out.append(before).append(std::to_string(value));
  };
  number(R"({"prompt_tokens":)", usage.input);
  number(R"(,"completion_tokens":)", usage.output);
  number(R"(,"total_tokens":)", usage.input + usage.output);
  number(R"(,"prompt_tokens_details":{"cached_tokens":)", usage.input_cached);
  number(R"(,"cache_write_tokens":)", usage.cache_write);
  number(R"(},"completion_tokens_details":{"reasoning_tokens":)", usage.reasoning);
  out += "}}";
}

// {"index":0,
std::string numbered(std::uint32_t index) {
  return R"({"index":)" + std::to_string(index) + ",";
}

void append_thinking_block(std::string& out, std::string_view text, std::string_view signature,
                           std::string_view begin = "{") {
  out.append(begin).append(R"("type":"thinking","thinking":")");
  append_spelled(out, text);
  out += R"(","signature":")";
  append_spelled(out, signature);
  out += "\"}";
}

void append_redacted_block(std::string& out, std::string_view text, std::string_view begin = "{") {
  out.append(begin).append(R"("type":"redacted_thinking","data":")");
  append_spelled(out, text);
  out += "\"}";
}

void append_extra_content(std::string& out, std::string_view signature) {
  out += R"("extra_content":{"google":{"thought_signature":")";
  append_spelled(out, signature);
  out += R"("}})";
}

// {"id":"...","object":"...","created":1,"model":"...","choices":[
std::string head_of(const BlockEvent& begin, std::string_view object, std::int64_t created) {
  std::string out = R"({"id":")";
  append_spelled(out, begin.id.raw.empty() ? "chatcmpl" : begin.id.raw);
  out.append(R"(","object":")").append(object).append(R"(","created":)").append(std::to_string(created));
  out += R"(,"model":")";
  append_spelled(out, begin.name.raw);
  return out += R"(","choices":[)";
}

void append_finish(std::string& out, const BlockEvent& event) {
  out.append(R"("finish_reason":")").append(finish_word(event.reason)).append(R"(","native_finish_reason":")");
  append_spelled(out, event.native.raw);
  out += "\"";
}

// "annotations":[...]; nothing if nothing is cited.
std::string annotations_of(const std::vector<Citation>& citations) {
  std::string out;
  for (const Citation& each : citations) {
    append_url_citation(out, each,
                        out.empty() ? R"("annotations":[{"type":"url_citation","url_citation":{)"
                                    : R"(,{"type":"url_citation","url_citation":{)");
    out += '}';
  }
  return out.empty() ? out : out += ']';
}

}  // namespace

std::string_view finish_word(FinishReason reason) noexcept {
  switch (reason) {
    case FinishReason::length: return "length";
    case FinishReason::calls: return "tool_calls";
    case FinishReason::refusal: return "content_filter";
    default: return "stop";
  }
}

bool ChunkWriter::put(const BlockEvent& event, std::string& out) {
  cited_.add(event);
  switch (event.kind) {
    case Kind::begin:
      head_ = head_of(event, "chat.completion.chunk", created_);
      if (event.usage) usage_ = event.usage;
      put_delta(out, R"("role":"assistant","content":")", "", "\"");
      return true;
    case Kind::block_begin: return open_block(event, out);
    case Kind::delta:
    case Kind::signature: return put_piece(event, out);
    case Kind::block_end: return close_block(event, out);
    case Kind::finish: finish(event, out); return true;
    case Kind::usage: return put_usage(event, out);
    case Kind::citation: break;
  }
  return false;
}

void ChunkWriter::put_delta(std::string& out, std::string_view before, std::string_view raw, std::string_view behind,
                            std::string_view logprobs) const {
  out.append(head_).append(R"({"index":0,"delta":{)").append(before);
  append_spelled(out, raw);
  out.append(behind).append("}");
  if (!logprobs.empty()) {
    append_spelled(out += R"(,"logprobs":{"content":)", logprobs);
    out += R"(,"refusal":null})";
  }
  out += R"(,"finish_reason":null}]})";
}

bool ChunkWriter::open_block(const BlockEvent& event, std::string& out) {
  empty_ = true;
  thought_.clear();
  signature_.clear();
  if (event.block == BlockKind::redacted) {
    std::string block;
    append_redacted_block(block, event.text.raw, numbered(thoughts_++));
    put_delta(out, R"("thinking_blocks":[)", block, "]");
    return true;
  }
  if (event.block != BlockKind::call) return false;
  call_ = numbered(calls_++) + R"("id":")";
  append_spelled(call_, event.id.raw);
  call_ += event.custom ? R"(","type":"custom","custom":{"name":")" : R"(","type":"function","function":{"name":")";
  custom_ = event.custom;
  append_spelled(call_, event.name.raw);
  return false;  // until it is known whether it is signed
}

// The next piece of the open call.
void ChunkWriter::put_call(std::string& out, std::string_view arguments, std::string_view signature) {
  const std::string_view tool = custom_ ? R"("custom":{)" : R"("function":{)";
  std::string call = call_.empty() ? numbered(calls_ - 1).append(tool) : std::exchange(call_, {}).append("\",");
  call += custom_ ? R"("input":")" : R"("arguments":")";
  append_spelled(call, arguments);
  call += "\"}";
  if (!signature.empty()) append_extra_content(call += ',', signature);
  put_delta(out, R"("tool_calls":[)", call, "}]");
}

bool ChunkWriter::put_signature(const BlockEvent& event, std::string& out) {
  if (event.block == BlockKind::thought) {
    signature_ += event.text.raw;
    return false;
  }
  if (event.block == BlockKind::call) {
    put_call(out, "", event.text.raw);
    return true;
  }
  if (event.block != BlockKind::text || std::exchange(signed_, true)) return false;  // two would be joined
  std::string extra;
  append_extra_content(extra, event.text.raw);
  put_delta(out, extra, "", "");
  return true;
}

bool ChunkWriter::put_piece(const BlockEvent& event, std::string& out) {
  if (event.kind == Kind::signature) return put_signature(event, out);
  empty_ = false;
  switch (event.block) {
    case BlockKind::text: put_delta(out, R"("content":")", event.text.raw, "\"", event.logprobs); return true;
    case BlockKind::thought:
      thought_ += event.text.raw;
      put_delta(out, R"("reasoning_content":")", event.text.raw, "\"");
      return true;
    case BlockKind::call: put_call(out, event.text.raw, ""); return true;
    default: return false;
  }
}

bool ChunkWriter::close_block(const BlockEvent& event, std::string& out) {
  if (event.block == BlockKind::call && empty_) {  // it takes no arguments, and clients parse them
    put_call(out, custom_ ? "" : "{}", "");
    return true;
  }
  if (event.block != BlockKind::thought || signature_.empty()) return false;
  std::string block;
  append_thinking_block(block, thought_, signature_, numbered(thoughts_++));
  put_delta(out, R"("thinking_blocks":[)", block, "]");
  return true;
}

void ChunkWriter::finish(const BlockEvent& event, std::string& out) {
  out.append(head_).append(R"({"index":0,"delta":{)");
  if (event.reason == FinishReason::refusal && !event.why.raw.empty()) {
    out += R"("refusal":")";
    append_spelled(out, event.why.raw);
    out += "\"";
  }
  if (const std::string cited = annotations_of(cited_.take()); !cited.empty())
    out.append(out.back() == '{' ? "" : ",").append(cited);
  out += "},";
  append_finish(out, event);
  out += "}]}";
}

bool ChunkWriter::put_usage(const BlockEvent& event, std::string& out) {
  if (usage_ && event.usage)
    merge(*event.usage, *usage_);
  else if (event.usage)
    usage_ = event.usage;
  if (!include_usage_ || !usage_) return false;
  out.append(head_).append(R"(],"usage":)");
  append_usage(out, *usage_);
  out += "}";
  return true;
}

namespace {

// Collects what the blocks of a whole answer say.
class Completed {
 public:
  void add(const BlockEvent& event) {
    cited_.add(event);
    switch (event.kind) {
      case Kind::begin: begin_ = &event; break;
      case Kind::block_begin: open(event); break;
      case Kind::delta:
        piece_ += event.text.raw;
        if (!event.logprobs.empty()) next(logprobs_) += event.logprobs.substr(1, event.logprobs.size() - 2);
        break;
      case Kind::signature: signature_ += event.text.raw; break;
      case Kind::block_end: close(event); break;
      case Kind::finish: finish_ = &event; break;
      case Kind::usage:
      case Kind::citation: break;
    }
    if (!event.usage) return;
    if (usage_)
      merge(*event.usage, *usage_);
    else
      usage_ = event.usage;
  }

  [[nodiscard]] std::string written(std::int64_t created) {
    const BlockEvent nothing;
    std::string out = head_of(begin_ != nullptr ? *begin_ : nothing, "chat.completion", created);
    out += R"({"index":0,"message":{"role":"assistant","content":)";
    if (text_.empty() && !calls_.empty())
      out += "null";
    else
      append_quoted(out, text_);
    out += R"(,"refusal":)";
    if (finish_ != nullptr && finish_->reason == FinishReason::refusal && !finish_->why.raw.empty())
      append_quoted(out, finish_->why.raw);
    else
      out += "null";
    if (!thoughts_.empty()) append_quoted(out += R"(,"reasoning_content":)", thoughts_);
    if (!blocks_.empty()) out.append(R"(,"thinking_blocks":[)").append(blocks_).append("]");
    if (!calls_.empty()) out.append(R"(,"tool_calls":[)").append(calls_).append("]");
    if (!extra_.empty()) out.append(",").append(extra_);
    if (const std::string cited = annotations_of(cited_.take()); !cited.empty()) out.append(",").append(cited);
    out += "},";
    append_finish(out, finish_ != nullptr ? *finish_ : nothing);
    if (logprobs_.empty())
      out += R"(,"logprobs":null}])";
    else
      out.append(R"(,"logprobs":{"content":[)").append(logprobs_).append(R"(],"refusal":null}}])");
    if (usage_) append_usage(out += R"(,"usage":)", *usage_);
    return out += "}";
  }

 private:
  static void append_quoted(std::string& out, std::string_view raw) { out.append("\"").append(raw).append("\""); }
  static std::string& next(std::string& list) { return list.empty() ? list : list += ','; }

  void open(const BlockEvent& event) {
    piece_ = event.block == BlockKind::redacted ? std::string(event.text.raw) : std::string();
    signature_.clear();
    if (event.block != BlockKind::call) return;
    next(calls_) += R"({"id":)";
    append_quoted(calls_, event.id.raw);
    custom_ = event.custom;
    calls_ += custom_ ? R"(,"type":"custom","custom":{"name":)" : R"(,"type":"function","function":{"name":)";
    append_quoted(calls_, event.name.raw);
    calls_ += custom_ ? R"(,"input":)" : R"(,"arguments":)";
  }

  void close(const BlockEvent& event) {
    switch (event.block) {
      case BlockKind::text:
        text_ += piece_;
        if (!signature_.empty() && extra_.empty()) append_extra_content(extra_, signature_);
        break;
      case BlockKind::thought:
        thoughts_ += piece_;
        if (!signature_.empty()) append_thinking_block(next(blocks_), piece_, signature_);
        break;
      case BlockKind::redacted: append_redacted_block(next(blocks_), piece_); break;
      case BlockKind::call:
        append_quoted(calls_, piece_.empty() && !custom_ ? "{}" : piece_);
        calls_ += '}';
        if (!signature_.empty()) append_extra_content(calls_ += ',', signature_);
        calls_ += '}';
        break;
      default: break;
    }
  }

  const BlockEvent* begin_ = nullptr;
  const BlockEvent* finish_ = nullptr;
  bool custom_ = false;  // the open call is of a custom tool
  std::string piece_;
  std::string signature_;
  std::string text_;
  std::string thoughts_;
  std::string blocks_;
  std::string calls_;
  std::string extra_;
  std::string logprobs_;
  CitedText cited_;
  std::optional<UsageReport> usage_;
};

}  // namespace

std::string write_completion(const std::vector<BlockEvent>& events, std::int64_t created) {
  Completed all;
  for (const BlockEvent& event : events) all.add(event);
  return all.written(created);
}

}  // namespace triage::openai
