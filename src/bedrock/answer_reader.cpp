// messageStart       {"role":"assistant"}
// contentBlockStart  {"contentBlockIndex":1,"start":{"toolUse":{"toolUseId":"t","name":"f"}}}     only of tools
// contentBlockDelta  {"contentBlockIndex":0,"delta":{"text":"Hel"}}     or reasoningContent {text | signature |
//                    redactedContent}, toolUse {input}, citation
// contentBlockStop   {"contentBlockIndex":0}
// messageStop        {"stopReason":"end_turn"}
// metadata           {"usage":{"inputTokens":9,"outputTokens":4,...},"metrics":{...}}
//
// A whole answer is {"output":{"message":{"content":[...]}},"stopReason":...,"usage":...}. A text or thought is not
// begun: its first piece begins it. Members `p` are random padding. Blocks of the provider's own tools and citations
// are not read: what they say is in the texts.
#include "bedrock/answer_reader.hpp"

#include "base/ids.hpp"
#include "blocks/member_values.hpp"
#include "json/json.hpp"
#include "openai/error_body.hpp"
#include "triage/body_padding.hpp"

#include <array>

namespace triage::bedrock {
namespace {

using Kind = JsonReader::Kind;
using Step = BlockEvent::Kind;

struct Reason {
  std::string_view word;
  FinishReason reason;
};
constexpr std::array<Reason, 7> reasons{{{"end_turn", FinishReason::stop},
                                         {"stop_sequence", FinishReason::stop_sequence},
                                         {"max_tokens", FinishReason::length},
                                         {"model_context_window_exceeded", FinishReason::length},
                                         {"tool_use", FinishReason::calls},
                                         {"guardrail_intervened", FinishReason::refusal},
                                         {"content_filtered", FinishReason::refusal}}};

FinishReason reason_of(const JsonString& word) {
  for (const Reason& each : reasons)
    if (word.is(each.word)) return each.reason;
  return FinishReason::other;
}

bool is_spoiled(const JsonString& word) {
  return word.is("malformed_model_output") || word.is("malformed_tool_use");
}

}  // namespace

// Reads one event of a stream, or a whole answer.
class AnswerEventReader {
 public:
  AnswerEventReader(std::string_view json, AnswerEvents& state, std::vector<BlockEvent>& out)
      : json_(json), in_(json), state_(state), out_(out) {}

  std::optional<Error> read_event(std::string_view type) {
    const bool is_object = each_member(in_, [this](const JsonString& name) { read_member(name); });
    if (!is_object || !in_.finish())
      return Error{ErrorCode::upstream_bad_response, "an event of the provider's stream is no valid JSON object"};
    if (type == "messageStart") begin();
    if (type == "contentBlockStart") start_block();
    if (type == "contentBlockDelta" && !state_.skipped_) add_piece();
    if (type == "contentBlockStop") close_block();
    if (type == "messageStop") return finish();
    if (type == "metadata") {
      add_usage();
      state_.ended_ = true;
    }
    return std::nullopt;
  }

  std::optional<Error> read_answer(BlockAnswer& answer) {
    const bool is_object = each_member(in_, [this](const JsonString& name) { read_member(name); });
    if (!is_object || !in_.finish())
      return Error{ErrorCode::upstream_bad_response, "the provider's answer is no valid JSON object"};
    if (content_.empty()) return reported();
    begin();
    JsonReader blocks(content_);
    each_element(blocks, [&] { read_block(blocks, answer); });
    if (auto error = finish()) return error;
    add_usage();
    state_.ended_ = true;
    return std::nullopt;
  }

 private:
  // What a block, or a piece of one, says. `kind` is nullopt for what is not read.
  struct Piece {
    std::optional<BlockKind> kind;
    bool says = false;
    JsonString id;
    JsonString name;
    JsonString text;
    JsonString signature;
    std::string_view input;
    std::string_view parts;  // a list of texts
    bool own_tool = false;   // of the provider
  };

  static std::string_view value_of(JsonReader& in, std::string_view json) {
    const std::size_t begin = in.value_offset();
    in.skip();
    return json.substr(begin, in.offset() - begin);
  }

  void read_member(const JsonString& name) {
    if (name.is("delta") || name.is("start"))
      piece_ = read_piece(in_, json_);
    else if (name.is("stopReason"))
      stop_reason_ = string_of(in_);
    else if (name.is("usage"))
      read_usage();
    else if (name.is("output"))
      each_member(in_, [this](const JsonString& inner) { read_output(inner); });
    else if (name.is("serviceTier"))
      service_tier_ = member_of("type").raw;
    else if (name.is("additionalModelResponseFields"))
      stop_sequence_ = member_of("stop_sequence");
    else
      in_.skip();
  }

  JsonString member_of(std::string_view wanted) {
    JsonString out;
    each_member(in_, [&](const JsonString& name) {
      if (name.is(wanted))
        out = string_of(in_);
      else
        in_.skip();
    });
    return out;
  }

  void read_output(const JsonString& name) {
    if (!name.is("message")) return void(in_.skip());
    each_member(in_, [this](const JsonString& inner) {
      if (inner.is("content") && in_.kind() == Kind::array)
        content_ = value_of(in_, json_);
      else
        in_.skip();
    });
  }

  void read_usage() {
    UsageReport usage;
    const auto count = [this] { return read_whole(in_, 0).value_or(0); };
    each_member(in_, [&](const JsonString& name) {
      if (name.is("inputTokens"))
        usage.input = count(), usage_ = usage;
      else if (name.is("outputTokens"))
        usage.output = count(), usage_ = usage;
      else if (name.is("cacheReadInputTokens"))
        usage.cached = count();
      else if (name.is("cacheWriteInputTokens"))
        usage.written = count();
      else if (name.is("cacheDetails"))
        each_element(in_, [&] { read_cache_detail(usage); });
      else
        in_.skip();
    });
    usage.anthropic = true;  // its input excludes what was read from and written to the cache
    if (usage_) usage_ = usage;
  }

  void read_cache_detail(UsageReport& usage) {
    std::int64_t tokens = 0;
    JsonString ttl;
    each_member(in_, [&](const JsonString& name) {
      if (name.is("inputTokens"))
        tokens = read_whole(in_, 0).value_or(0);
      else if (name.is("ttl"))
        ttl = string_of(in_);
      else
        in_.skip();
    });
    (ttl.is("1h") ? usage.written_1h : usage.written_5m) += tokens;
  }

  static Piece read_piece(JsonReader& in, std::string_view json) {
    Piece out;
    each_member(in, [&](const JsonString& name) {
      if (name.is("text"))
        out.kind = BlockKind::text, out.text = string_of(in);
      else if (name.is("toolUse"))
        read_call(in, json, out);
      else if (name.is("reasoningContent"))
        out.kind = BlockKind::thought, each_member(in, [&](const JsonString& inner) { read_thought(in, inner, out); });
      else if (name.is("citationsContent"))
        read_cited(in, json, out);
      else
        in.skip();
    });
    return out;
  }

  static void read_call(JsonReader& in, std::string_view json, Piece& out) {
    out.kind = BlockKind::call;
    each_member(in, [&](const JsonString& name) {
      if (name.is("toolUseId"))
        out.id = string_of(in);
      else if (name.is("name"))
        out.name = string_of(in);
      else if (name.is("type"))
        out.own_tool = string_of(in).is("server_tool_use");
      else if (name.is("input") && in.kind() == Kind::string)
        out.text = string_of(in);
      else if (name.is("input"))
        out.input = value_of(in, json);
      else
        in.skip();
    });
    if (out.own_tool) out.kind.reset();
  }

  // A thought of a whole answer, whose text and signature are one level down, or a piece of one.
  static void read_thought(JsonReader& in, const JsonString& name, Piece& out) {
    if (name.is("reasoningText"))
      each_member(in, [&](const JsonString& inner) { read_thought(in, inner, out); });
    else if (name.is("text"))
      out.text = string_of(in);
    else if (name.is("signature"))
      out.signature = string_of(in);
    else if (name.is("redactedContent"))
      out.kind = BlockKind::redacted, out.text = string_of(in);
    else
      in.skip();
  }

  static void read_cited(JsonReader& in, std::string_view json, Piece& out) {
    out.kind = BlockKind::text;
    each_member(in, [&](const JsonString& name) {
      if (name.is("content") && in.kind() == Kind::array)
        out.parts = value_of(in, json);
      else
        in.skip();
    });
  }

  Error reported() const {
    const std::string message = reported_message(json_);
    if (message.empty())
      return {ErrorCode::upstream_bad_response, "the provider's answer has neither a message nor an error"};
    return {ErrorCode::upstream_error, "the provider reports an error in place of an answer: " + message};
  }

  BlockEvent& add(Step step) {
    BlockEvent& event = out_.emplace_back();
    event.kind = step;
    event.block = state_.kind_;
    event.index = state_.blocks_ == 0 ? 0 : state_.blocks_ - 1;
    return event;
  }

  void begin() {
    if (std::exchange(state_.begun_, true)) return;
    std::string& id = state_.id_ = "msg_" + request_id().substr(4);
    const std::size_t size = id.size();
    id.append(body_padding, '\0');
    add(Step::begin).id = {std::string_view(id).substr(0, size), false};
  }

  // Only calls are begun with more than their index.
  void start_block() {
    begin();
    close_block();
    state_.skipped_ = !piece_.kind;
    if (piece_.kind == BlockKind::call) open_block();
  }

  void open_block() {
    if (state_.finished_) return;
    state_.open_ = true;
    state_.kind_ = *piece_.kind;
    ++state_.blocks_;
    BlockEvent& event = add(Step::block_begin);
    event.id = piece_.id;
    event.name = piece_.name;
    if (state_.kind_ == BlockKind::redacted) event.text = piece_.text;
  }

  // A piece belongs to the block that is open, if it is of its kind; else it begins one.
  void add_piece() {
    if (!piece_.kind) return;
    begin();
    const BlockKind kind = *piece_.kind;
    const bool continues = state_.open_ && state_.kind_ == kind && kind != BlockKind::redacted;
    if (!continues && kind == BlockKind::call) return;  // of a tool that was not named
    if (!continues) {
      end_block();
      open_block();
    }
    if (!state_.open_ || kind == BlockKind::redacted) return;
    if (!piece_.text.raw.empty()) add(Step::delta).text = piece_.text;
    if (!piece_.signature.raw.empty()) add(Step::signature).text = piece_.signature;
  }

  void end_block() {
    if (std::exchange(state_.open_, false)) add(Step::block_end);
  }

  void close_block() {
    state_.skipped_ = false;
    end_block();
  }

  std::optional<Error> finish() {
    begin();
    if (is_spoiled(stop_reason_))
      return Error{ErrorCode::upstream_bad_response,
                   "the model's answer cannot be read (" + std::string(stop_reason_.raw) + ")"};
    if (stop_reason_.raw.empty() || state_.finished_) return std::nullopt;
    close_block();
    state_.finished_ = true;
    BlockEvent& event = add(Step::finish);
    event.reason = reason_of(stop_reason_);
    event.native = stop_reason_;
    event.stopped_at = stop_sequence_;
    return std::nullopt;
  }

  void add_usage() {
    begin();
    if (!usage_) return;
    BlockEvent& event = add(Step::usage);
    event.usage = usage_;
    event.service_tier = service_tier_;
  }

  // One block of a whole answer.
  void read_block(JsonReader& blocks, BlockAnswer& answer) {
    piece_ = read_piece(blocks, content_);
    if (!piece_.kind) return;
    if (piece_.kind == BlockKind::call) {
      std::string& escaped = answer.owned.emplace_front();
      append_json_escaped(escaped, piece_.input.empty() ? "{}" : piece_.input);
      const std::size_t size = escaped.size();
      escaped.append(body_padding, '\0');
      const std::string_view text = std::string_view(escaped).substr(0, size);
      piece_.text = {text, text.find('\\') != std::string_view::npos};
      open_block();
    }
    if (piece_.parts.empty()) {
      add_piece();
    } else {
      JsonReader parts(piece_.parts);
      const std::string_view list = piece_.parts;
      each_element(parts, [&] {
        piece_ = read_piece(parts, list);
        add_piece();
      });
    }
    close_block();
  }

  std::string_view json_;
  JsonReader in_;
  AnswerEvents& state_;
  std::vector<BlockEvent>& out_;
  Piece piece_;
  JsonString stop_reason_;
  JsonString stop_sequence_;
  std::optional<UsageReport> usage_;
  std::string_view service_tier_;
  std::string_view content_;
};

std::optional<Error> AnswerEvents::read(std::string_view type, std::string_view json, std::vector<BlockEvent>& out) {
  return AnswerEventReader(json, *this, out).read_event(type);
}

std::optional<Error> read_whole(std::string_view body, BlockAnswer& out) {
  AnswerEvents state;
  auto error = AnswerEventReader(body, state, out.events).read_answer(out);
  out.owned.push_front(state.take_id());  // longer than what a move would copy
  return error;
}

}  // namespace triage::bedrock
