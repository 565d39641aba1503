#include "responses/answer_writer.hpp"

#include "answer/usage.hpp"
#include "base/sha256.hpp"
#include "blocks/spelling.hpp"
#include "json/json.hpp"
#include "responses/opaque.hpp"

namespace triage::responses {
namespace {

using Kind = BlockEvent::Kind;

void append_quoted(std::string& out, std::string_view raw) {
  out += '"';
  append_spelled(out, raw);
  out += '"';
}

void append_usage(std::string& out, const Usage& usage) {
  const auto number = [&out](std::string_view before, std::int64_t value) {
    out.append(before).append(std::to_string(value));
  };
  number(R"({"input_tokens":)", usage.input);
  number(R"(,"input_tokens_details":{"cached_tokens":)", usage.input_cached);
  number(R"(,"cache_write_tokens":)", usage.cache_write);
  number(R"(},"output_tokens":)", usage.output);
  number(R"(,"output_tokens_details":{"reasoning_tokens":)", usage.reasoning);
  number(R"(},"total_tokens":)", usage.input + usage.output);
  out += '}';
}

// What the ids of an answer's items have in common.
std::string base_of(std::string_view id) {
  constexpr std::string_view digits = "0123456789abcdef";
  constexpr std::size_t bytes = 16;
  const auto digest = sha256(id);
  std::string out;
  for (std::size_t i = 0; i < bytes; ++i) {
    const auto byte = static_cast<unsigned char>(digest[i]);
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

std::string_view error_code(int status) noexcept {
  return status == 429 ? "rate_limit_exceeded" : status >= 400 && status < 500 ? "invalid_prompt" : "server_error";
}

}  // namespace

void ResponseWriter::open_event(std::string& out, std::string_view name) {
  out.append("event: ").append(name).append("\ndata: {\"type\":\"").append(name);
  out.append(R"(","sequence_number":)").append(std::to_string(sequence_++));
}

// An event of the open item, up to its own members.
void ResponseWriter::event_of_item(std::string& out, std::string_view name) {
  open_event(out, name);
  out.append(R"(,"item_id":")").append(open_id_).append(R"(","output_index":)").append(std::to_string(items_));
}

void ResponseWriter::put_item(std::string& out, std::string_view name, std::string_view item) {
  if (quiet_) return;
  open_event(out, name);
  out.append(R"(,"output_index":)").append(std::to_string(items_)).append(R"(,"item":)").append(item).append("}\n\n");
}

void ResponseWriter::end_item(std::string& out, const std::string& item) {
  put_item(out, "response.output_item.done", item);
  if (!output_.empty()) output_ += ',';
  output_ += item;
  ++items_;
  open_ = Item::none;
}

std::string ResponseWriter::item_id(std::string_view prefix) const {
  return std::string(prefix).append(item_base_).append(std::to_string(items_));
}

void ResponseWriter::append_response(std::string& out, std::string_view status) const {
  out += R"({"id":)";
  append_quoted(out, id_);
  out.append(R"(,"object":"response","created_at":)").append(std::to_string(asked_.created));
  out.append(R"(,"status":")").append(status).append(R"(","error":)").append(error_.empty() ? "null" : error_);
  out += R"(,"incomplete_details":)";
  if (status == "incomplete")
    out.append(R"({"reason":")").append(incomplete_reason_).append("\"}");
  else
    out += "null";
  append_quoted(out += R"(,"model":)", model_);
  out.append(R"(,"output":[)").append(output_).append(R"(],"usage":)");
  if (usage_ && status != "in_progress")
    append_usage(out, settled(*usage_));
  else
    out += "null";
  out.append(",").append(asked_.echo).append("}");
}

void ResponseWriter::put_response(std::string& out, std::string_view name, std::string_view status) {
  if (quiet_) return append_response(out, status);
  open_event(out, name);
  append_response(out += R"(,"response":)", status);
  out += "}\n\n";
}

void ResponseWriter::put(const BlockEvent& event, std::string& out) {
  add_usage(event);
  put_step(event, out);
  if (event.kind == Kind::usage) end(out);
}

void ResponseWriter::add_usage(const BlockEvent& event) {
  if (!event.usage) return;
  if (usage_)
    merge(*event.usage, *usage_);
  else
    usage_ = event.usage;
}

void ResponseWriter::put_step(const BlockEvent& event, std::string& out) {
  if (open_ == Item::message) cited_.add(event);
  switch (event.kind) {
    case Kind::begin: begin(event, out); break;
    case Kind::block_begin: begin_block(event, out); break;
    case Kind::delta: put_piece(event, out); break;
    case Kind::signature: signature_ += event.text.raw; break;
    case Kind::block_end: end_block(event, out); break;
    case Kind::finish: finish(event, out); break;
    case Kind::usage:
    case Kind::citation: break;
  }
}

void ResponseWriter::begin(const BlockEvent& event, std::string& out) {
  id_ = event.id.raw.empty() ? "resp" : std::string(event.id.raw);
  model_ = event.name.raw.empty() ? std::string_view(asked_.model) : event.name.raw;
  item_base_ = base_of(id_);
  if (quiet_) return;
  put_response(out, "response.created", "in_progress");
  put_response(out, "response.in_progress", "in_progress");
}

void ResponseWriter::begin_block(const BlockEvent& event, std::string& out) {
  signature_.clear();
  block_says_ = false;
  if (event.block != BlockKind::text || event.refuses != refuses_) close_item(out);
  refuses_ = event.refuses;
  if (event.block == BlockKind::thought) open_thought(out);
  if (event.block == BlockKind::redacted) put_opaque(opaque_prefix(OpaqueKind::redacted), event.text.raw, out);
  if (event.block == BlockKind::call) open_call(event, out);
}

void ResponseWriter::put_piece(const BlockEvent& event, std::string& out) {
  if (!event.logprobs.empty())
    logprobs_.append(logprobs_.empty() ? "" : ",").append(event.logprobs.substr(1, event.logprobs.size() - 2));
  if (event.text.raw.empty()) return;
  block_says_ = true;
  if (event.block == BlockKind::text && open_ != Item::message) {
    open_message(out);
    cited_.add(event);
  }
  if (event.block == BlockKind::thought && piece_.empty()) open_summary(out);
  piece_ += event.text.raw;
  if (quiet_) return;
  if (event.block == BlockKind::call) {
    event_of_item(out, custom_ ? "response.custom_tool_call_input.delta" : "response.function_call_arguments.delta");
  } else if (event.block == BlockKind::thought) {
    event_of_item(out, "response.reasoning_summary_text.delta");
    out += R"(,"summary_index":0)";
  } else {
    event_of_item(out, refuses_ ? "response.refusal.delta" : "response.output_text.delta");
    out += R"(,"content_index":0)";
    if (!refuses_) append_spelled(out += R"(,"logprobs":)", event.logprobs.empty() ? "[]" : event.logprobs);
  }
  append_quoted(out += R"(,"delta":)", event.text.raw);
  out += "}\n\n";
}

// A signed text ends its message: what is signed is what stands in front.
void ResponseWriter::end_block(const BlockEvent& event, std::string& out) {
  if (event.block == BlockKind::thought) return close_item(out);
  if (event.block == BlockKind::call) close_item(out);
  if (signature_.empty()) return;
  close_item(out);
  const bool empty = event.block == BlockKind::text && !block_says_;
  put_opaque(opaque_prefix(empty ? OpaqueKind::of_text : OpaqueKind::of_item), signature_, out);
}

void ResponseWriter::finish(const BlockEvent& event, std::string& out) {
  finished_ = true;
  incomplete_ = event.reason == FinishReason::length;
  close_item(out);
  refuses_ = event.reason == FinishReason::refusal && !event.why.raw.empty();
  if (refuses_ || items_ == 0) {  // clients expect an item
    BlockEvent why;
    why.text = event.why;
    open_message(out);
    put_piece(why, out);
    close_item(out);
  }
  if (event.reason == FinishReason::length) incomplete_reason_ = "max_output_tokens";
  if (event.reason == FinishReason::refusal && !refused_) incomplete_reason_ = "content_filter";
}

void ResponseWriter::end(std::string& out) {
  if (!std::exchange(finished_, false)) return;
  if (incomplete_reason_.empty())
    put_response(out, "response.completed", "completed");
  else
    put_response(out, "response.incomplete", "incomplete");
}

void ResponseWriter::fail(int status, std::string_view message, std::string& out) {
  finished_ = false;
  error_ = R"({"code":")" + std::string(error_code(status)) + R"(","message":)";
  std::string quoted;
  append_json_string(quoted, message);
  append_spelled(error_, quoted);
  error_ += '}';
  put_response(out, "response.failed", "failed");
}

void ResponseWriter::resume(std::string id, std::string model, std::int64_t sequence) {
  id_ = std::move(id);
  model_ = std::move(model);
  sequence_ = sequence;
}

void ResponseWriter::open_message(std::string& out) {
  open_ = Item::message;
  open_id_ = item_id("msg_");
  piece_.clear();
  annotations_.clear();
  cited_.restart();
  refused_ = refused_ || refuses_;
  if (quiet_) return;
  put_item(out, "response.output_item.added",
           R"({"id":")" + open_id_ + R"(","type":"message","status":"in_progress","role":"assistant","content":[]})");
  event_of_item(out, "response.content_part.added");
  out.append(R"(,"content_index":0,"part":)").append(part()).append("}\n\n");
}

void ResponseWriter::open_thought(std::string& out) {
  open_ = Item::thought;
  open_id_ = item_id("rs_");
  piece_.clear();
  if (!quiet_)
    put_item(out, "response.output_item.added", R"({"id":")" + open_id_ + R"(","type":"reasoning","summary":[]})");
}

void ResponseWriter::open_summary(std::string& out) {
  if (quiet_) return;
  event_of_item(out, "response.reasoning_summary_part.added");
  out += R"(,"summary_index":0,"part":{"type":"summary_text","text":""}})";
  out += "\n\n";
}

void ResponseWriter::open_call(const BlockEvent& event, std::string& out) {
  open_ = Item::call;
  custom_ = event.custom;
  open_id_ = item_id(custom_ ? "ctc_" : "fc_");
  piece_.clear();
  head_ = R"("call_id":)";
  append_quoted(head_, event.id.raw);
  append_name(event.name.raw);
  if (quiet_) return;
  put_item(out, "response.output_item.added",
           R"({"id":")" + open_id_ + R"(","type":")" + (custom_ ? "custom_tool_call" : "function_call") +
               R"(","status":"in_progress",)" + head_ + (custom_ ? R"(,"input":""})" : R"(,"arguments":""})"));
}

// A function of a namespace was declared with both names.
void ResponseWriter::append_name(std::string_view called) {
  for (const std::string& space : asked_.namespaces) {
    const std::string prefix = space + "__";
    if (!called.starts_with(prefix)) continue;
    append_quoted(head_ += R"(,"name":)", called.substr(prefix.size()));
    return append_quoted(head_ += R"(,"namespace":)", space);
  }
  append_quoted(head_ += R"(,"name":)", called);
}

void ResponseWriter::close_item(std::string& out) {
  switch (open_) {
    case Item::none: return;
    case Item::message: return close_message(out);
    case Item::thought: return close_thought(out);
    case Item::call: return close_call(out);
  }
}

// The open message's only part, with what it has said.
std::string ResponseWriter::part() const {
  std::string out = R"({"type":"refusal","refusal":)";
  if (!refuses_) {
    out = R"({"type":"output_text","annotations":[)" + annotations_ + R"(],"logprobs":[)";
    append_spelled(out, logprobs_);
    out += R"(],"text":)";
  }
  append_quoted(out, piece_);
  return out += '}';
}

void ResponseWriter::put_annotations(std::string& out) {
  int index = 0;
  for (const Citation& each : cited_.take()) {
    std::string annotation;
    append_url_citation(annotation, each, R"({"type":"url_citation",)");
    annotations_.append(annotations_.empty() ? "" : ",").append(annotation);
    if (quiet_) continue;
    event_of_item(out, "response.output_text.annotation.added");
    out.append(R"(,"content_index":0,"annotation_index":)").append(std::to_string(index++));
    out.append(R"(,"annotation":)").append(annotation).append("}\n\n");
  }
}

void ResponseWriter::close_message(std::string& out) {
  if (!refuses_) put_annotations(out);
  const std::string said = part();
  const std::string logprobs = std::exchange(logprobs_, {});
  if (!quiet_) {
    event_of_item(out, refuses_ ? "response.refusal.done" : "response.output_text.done");
    out += R"(,"content_index":0)";
    if (!refuses_) {
      append_spelled(out += R"(,"logprobs":[)", logprobs);
      out += ']';
    }
    append_quoted(out += refuses_ ? R"(,"refusal":)" : R"(,"text":)", piece_);
    out += "}\n\n";
    event_of_item(out, "response.content_part.done");
    out.append(R"(,"content_index":0,"part":)").append(said).append("}\n\n");
  }
  end_item(out, R"({"id":")" + open_id_ + R"(","type":"message","status":")" +
                    (incomplete_ ? "incomplete" : "completed") + R"(","role":"assistant","content":[)" + said + "]}");
}

void ResponseWriter::close_thought(std::string& out) {
  std::string summary;
  if (!piece_.empty()) {
    append_quoted(summary = R"({"type":"summary_text","text":)", piece_);
    summary += '}';
  }
  if (!piece_.empty() && !quiet_) {
    event_of_item(out, "response.reasoning_summary_text.done");
    append_quoted(out += R"(,"summary_index":0,"text":)", piece_);
    out += "}\n\n";
    event_of_item(out, "response.reasoning_summary_part.done");
    out.append(R"(,"summary_index":0,"part":)").append(summary).append("}\n\n");
  }
  std::string item = R"({"id":")" + open_id_ + R"(","type":"reasoning","summary":[)" + summary + "]";
  if (!signature_.empty()) append_quoted(item += R"(,"encrypted_content":)", signature_);
  end_item(out, item += '}');
}

// A call without arguments has an empty object of them: clients parse it.
void ResponseWriter::close_call(std::string& out) {
  if (piece_.empty() && !custom_) {
    BlockEvent nothing;
    nothing.block = BlockKind::call;
    nothing.text = {"{}", false};
    put_piece(nothing, out);
  }
  std::string arguments;
  append_quoted(arguments, piece_);
  if (!quiet_) {
    event_of_item(out, custom_ ? "response.custom_tool_call_input.done" : "response.function_call_arguments.done");
    out.append(custom_ ? R"(,"input":)" : R"(,"arguments":)").append(arguments).append("}\n\n");
  }
  end_item(out, R"({"id":")" + open_id_ + R"(","type":")" + (custom_ ? "custom_tool_call" : "function_call") +
                    R"(","status":"completed",)" + head_ + (custom_ ? R"(,"input":)" : R"(,"arguments":)") + arguments +
                    "}");
}

void ResponseWriter::put_opaque(std::string_view prefix, std::string_view text, std::string& out) {
  std::string item = R"({"id":")" + item_id("rs_") + R"(","type":"reasoning","summary":[],"encrypted_content":")";
  item.append(prefix);
  append_spelled(item, text);
  item += "\"}";
  put_item(out, "response.output_item.added", item);
  end_item(out, item);
}

std::string write_response(const std::vector<BlockEvent>& events, Asked asked) {
  ResponseWriter writer(std::move(asked));
  writer.quiet_ = true;
  std::string out;
  for (const BlockEvent& event : events) {
    writer.add_usage(event);
    writer.put_step(event, out);
  }
  if (!writer.finished_) writer.finish({}, out);
  writer.end(out);
  return out;
}

}  // namespace triage::responses
