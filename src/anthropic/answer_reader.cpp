// {"type":"message_start","message":{"id":"msg_1","model":"m","usage":{"input_tokens":9,...},...}}
// {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}     or thinking, tool_use, ...
// {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hel"}}    or thinking_delta,
//     signature_delta, input_json_delta, citations_delta
// {"type":"content_block_stop","index":0}
// {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":4}}
// {"type":"message_stop"}      and {"type":"ping"} and {"type":"error","error":{"type":...,"message":...}} in between
//
// A whole answer is the message of message_start with its content, its stop_reason and all of its usage. Blocks of the
// provider's own tools are not read: what they say is in the texts that follow them.
#include "anthropic/answer_reader.hpp"

#include "blocks/member_values.hpp"
#include "json/json.hpp"
#include "openai/error_body.hpp"
#include "openai/usage.hpp"
#include "triage/body_padding.hpp"

#include <array>

namespace triage::anthropic {
namespace {

using Kind = JsonReader::Kind;
using Step = BlockEvent::Kind;

struct ErrorType {
  std::string_view name;
  int status;
};
// Anthropic's documentation, "Errors".
constexpr std::array<ErrorType, 10> error_types{{{"invalid_request_error", 400},
                                                 {"authentication_error", 401},
                                                 {"billing_error", 402},
                                                 {"permission_error", 403},
                                                 {"not_found_error", 404},
                                                 {"request_too_large", 413},
                                                 {"rate_limit_error", 429},
                                                 {"api_error", 500},
                                                 {"timeout_error", 504},
                                                 {"overloaded_error", 529}}};

std::optional<BlockKind> kind_of(const JsonString& type) {
  if (type.is("text")) return BlockKind::text;
  if (type.is("thinking")) return BlockKind::thought;
  if (type.is("redacted_thinking")) return BlockKind::redacted;
  if (type.is("tool_use")) return BlockKind::call;
  return std::nullopt;
}

FinishReason reason_of(const JsonString& word) {
  if (word.is("end_turn")) return FinishReason::stop;
  if (word.is("stop_sequence")) return FinishReason::stop_sequence;
  if (word.is("max_tokens") || word.is("model_context_window_exceeded")) return FinishReason::length;
  if (word.is("tool_use")) return FinishReason::calls;
  if (word.is("refusal")) return FinishReason::refusal;
  return FinishReason::other;
}

}  // namespace

int status_of(std::string_view error_type) noexcept {
  for (const ErrorType& each : error_types)
    if (each.name == error_type) return each.status;
  return 0;
}

// Reads one JSON object of a stream, or a whole answer.
class AnswerEventReader {
 public:
  AnswerEventReader(std::string_view json, AnswerEvents& state, std::vector<BlockEvent>& out)
      : json_(json), in_(json), state_(state), out_(out) {}

  std::optional<Error> read_event() {
    const bool is_object = each_member(in_, [this](const JsonString& name) { read_member(name); });
    if (!is_object || !in_.finish())
      return Error{ErrorCode::upstream_bad_response, "an event of the provider's stream is no valid JSON object"};
    if (type_.is("error")) return reported();
    if (type_.is("message_start"))
      begin();
    else if (type_.is("content_block_start"))
      open_block();
    else if (type_.is("content_block_delta"))
      add_delta();
    else if (type_.is("content_block_stop"))
      close_block();
    else if (type_.is("message_delta"))
      finish();
    else if (type_.is("message_stop"))
      state_.ended_ = true;
    return std::nullopt;
  }

  std::optional<Error> read_answer(BlockAnswer& answer) {
    const bool is_object = each_member(in_, [this](const JsonString& name) {
      if (name.is("content") && in_.kind() == Kind::array)
        content_ = value();
      else
        read_message_member(name);
    });
    if (!is_object || !in_.finish())
      return Error{ErrorCode::upstream_bad_response, "the provider's answer is no valid JSON object"};
    if (type_.is("error") || !error_.empty()) return reported();
    if (!type_.is("message") && content_.empty())
      return Error{ErrorCode::upstream_bad_response, "the provider's answer is no message: it has no content"};
    begin();
    JsonReader blocks(content_);
    if (!content_.empty()) each_element(blocks, [&] { read_block(blocks, answer); });
    finish();
    state_.ended_ = true;
    return std::nullopt;
  }

 private:
  struct Piece {
    JsonString type;
    JsonString id;
    JsonString name;
    JsonString text;
    JsonString signature;
    std::string_view input;
    std::string_view citations;  // of a text: a list
    JsonString page;             // that a piece of one cites
    JsonString page_title;
    JsonString said;
  };

  static std::string_view value_of(JsonReader& in, std::string_view json) {
    const std::size_t begin = in.value_offset();
    in.skip();
    return json.substr(begin, in.offset() - begin);
  }
  std::string_view value() { return value_of(in_, json_); }

  // {"type":"web_search_result_location","url":"...","title":"...","cited_text":"..."}; of a document there is no url.
  static void read_citation(JsonReader& in, Piece& out) {
    each_member(in, [&](const JsonString& name) {
      if (name.is("url"))
        out.page = string_of(in);
      else if (name.is("title"))
        out.page_title = string_of(in);
      else if (name.is("cited_text"))
        out.said = string_of(in);
      else
        in.skip();
    });
  }

  void read_member(const JsonString& name) {
    if (name.is("message"))
      each_member(in_, [this](const JsonString& inner) { read_message_member(inner, false); });
    else if (name.is("content_block"))
      piece_ = read_piece(in_, json_);
    else if (name.is("delta"))
      read_delta();
    else
      read_message_member(name);
  }

  // `own`: of the event itself, whose type it is.
  void read_message_member(const JsonString& name, bool own = true) {
    if (name.is("type") && own)
      type_ = string_of(in_);
    else if (name.is("id"))
      id_ = string_of(in_);
    else if (name.is("model"))
      model_ = string_of(in_);
    else if (name.is("usage"))
      usage_ = openai::read_usage(in_, service_tier_);
    else if (name.is("error"))
      error_ = value();
    else
      read_stop_member(name);
  }

  void read_stop_member(const JsonString& name) {
    if (name.is("stop_reason"))
      stop_reason_ = string_of(in_);
    else if (name.is("stop_sequence"))
      stop_sequence_ = string_of(in_);
    else if (name.is("stop_details"))
      each_member(in_, [this](const JsonString& inner) {
        if (inner.is("explanation"))
          why_ = string_of(in_);
        else
          in_.skip();
      });
    else
      in_.skip();
  }

  static Piece read_piece(JsonReader& in, std::string_view json) {
    Piece out;
    each_member(in, [&](const JsonString& name) {
      if (name.is("type"))
        out.type = string_of(in);
      else if (name.is("id"))
        out.id = string_of(in);
      else if (name.is("name"))
        out.name = string_of(in);
      else if (name.is("text") || name.is("thinking") || name.is("data") || name.is("partial_json"))
        out.text = string_of(in);
      else if (name.is("signature"))
        out.signature = string_of(in);
      else if (name.is("input") && in.kind() == Kind::object)
        out.input = value_of(in, json);
      else if (name.is("citations") && in.kind() == Kind::array)
        out.citations = value_of(in, json);
      else
        in.skip();
    });
    return out;
  }

  // The delta of a block, or of the message.
  void read_delta() {
    each_member(in_, [this](const JsonString& name) {
      if (name.is("type"))
        piece_.type = string_of(in_);
      else if (name.is("text") || name.is("thinking") || name.is("partial_json"))
        piece_.text = string_of(in_);
      else if (name.is("signature"))
        piece_.signature = string_of(in_);
      else if (name.is("citation"))
        read_citation(in_, piece_);
      else
        read_stop_member(name);
    });
  }

  Error reported() {
    JsonString kind;
    JsonReader in(error_);
    each_member(in, [&](const JsonString& name) {
      if (name.is("type"))
        kind = string_of(in);
      else
        in.skip();
    });
    Error error{ErrorCode::upstream_error, "the provider reports an error in place of an answer"};
    if (const std::string message = reported_message(json_); !message.empty()) error.message += ": " + message;
    error.status = status_of(kind.raw);
    return error;
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
    BlockEvent& event = add(Step::begin);
    event.id = id_;
    event.name = model_;
    if (type_.is("message_start")) {
      event.usage = usage_;
      event.service_tier = service_tier_;
    }
  }

  void open_block() {
    begin();
    close_block();
    if (state_.finished_) return;
    const auto kind = kind_of(piece_.type);
    state_.skipped_ = !kind;
    if (!kind) return;
    state_.open_ = true;
    state_.kind_ = *kind;
    ++state_.blocks_;
    BlockEvent& event = add(Step::block_begin);
    event.id = piece_.id;
    event.name = piece_.name;
    if (*kind == BlockKind::redacted)
      event.text = piece_.text;
    else
      add_pieces();
  }

  void add_pieces() {
    if (!piece_.text.raw.empty()) add(Step::delta).text = piece_.text;
    if (!piece_.signature.raw.empty() && state_.kind_ == BlockKind::thought)
      add(Step::signature).text = piece_.signature;
  }

  void add_delta() {
    if (state_.skipped_ || state_.finished_) return;
    if (!state_.open_) {  // servers that copy the API forget to begin a text
      piece_.type = {piece_.type.is("thinking_delta") ? "thinking" : "text", false};
      return open_block();
    }
    if (piece_.type.is("citations_delta")) return add_citation();
    const bool fits = piece_.type.is("text_delta")         ? state_.kind_ == BlockKind::text
                      : piece_.type.is("input_json_delta") ? state_.kind_ == BlockKind::call
                                                           : state_.kind_ == BlockKind::thought;
    if (fits) add_pieces();
  }

  void add_citation() {
    if (piece_.page.raw.empty() || state_.kind_ != BlockKind::text) return;
    BlockEvent& event = add(Step::citation);
    event.id = piece_.page;
    event.name = piece_.page_title;
    event.text = piece_.said;
  }

  void add_citations() {
    if (piece_.citations.empty() || !state_.open_) return;
    JsonReader in(piece_.citations);
    each_element(in, [&] {
      piece_.page = {};
      read_citation(in, piece_);
      add_citation();
    });
  }

  void close_block() {
    state_.skipped_ = false;
    if (std::exchange(state_.open_, false)) add(Step::block_end);
  }

  void finish() {
    begin();
    if (!stop_reason_.raw.empty() && !state_.finished_) {
      close_block();
      state_.finished_ = true;
      BlockEvent& event = add(Step::finish);
      event.reason = reason_of(stop_reason_);
      event.native = stop_reason_;
      event.stopped_at = stop_sequence_;
      event.why = why_;
    }
    if (!usage_) return;
    BlockEvent& event = add(Step::usage);
    event.usage = usage_;
    event.service_tier = service_tier_;
  }

  // One block of a whole answer.
  void read_block(JsonReader& blocks, BlockAnswer& answer) {
    piece_ = read_piece(blocks, content_);
    const bool call = piece_.type.is("tool_use");
    if (call) {
      std::string& escaped = answer.owned.emplace_front();
      append_json_escaped(escaped, piece_.input.empty() ? "{}" : piece_.input);
      const std::size_t size = escaped.size();
      escaped.append(body_padding, '\0');
      const std::string_view text = std::string_view(escaped).substr(0, size);
      piece_.text = {text, text.find('\\') != std::string_view::npos};
    }
    open_block();
    add_citations();
    close_block();
  }

  std::string_view json_;
  JsonReader in_;
  AnswerEvents& state_;
  std::vector<BlockEvent>& out_;
  JsonString type_;
  JsonString id_;
  JsonString model_;
  Piece piece_;
  JsonString stop_reason_;
  JsonString stop_sequence_;
  JsonString why_;
  std::optional<UsageReport> usage_;
  std::string_view service_tier_;
  std::string_view error_;
  std::string_view content_;
};

std::optional<Error> AnswerEvents::read(std::string_view json, std::vector<BlockEvent>& out) {
  return AnswerEventReader(json, *this, out).read_event();
}

std::optional<Error> read_whole(std::string_view body, BlockAnswer& out) {
  AnswerEvents state;
  return AnswerEventReader(body, state, out.events).read_answer(out);
}

}  // namespace triage::anthropic
