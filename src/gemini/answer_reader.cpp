// {"candidates":[{"content":{"role":"model","parts":[
//     {"text":"...","thought":true} | {"text":"...","thoughtSignature":"..."} |
//     {"functionCall":{"id":"...","name":"f","args":{...}},"thoughtSignature":"..."}]},
//   "finishReason":"STOP","finishMessage":"...","index":0}],
//  "promptFeedback":{"blockReason":"SAFETY","blockReasonMessage":"..."},
//  "usageMetadata":{...},"modelVersion":"...","responseId":"..."}
//
// Each object of a stream is one of these with the next pieces. A signature belongs to the block that is open; one
// without a text to stand on makes an empty block. Parts of the provider's own tools are not read, and a call that the
// provider answers itself (a functionResponse of its own follows) is none of the client's.
#include "gemini/answer_reader.hpp"

#include "base/ids.hpp"
#include "base/sha256.hpp"
#include "blocks/member_values.hpp"
#include "gemini/answer_members.hpp"
#include "gemini/finish_words.hpp"
#include "gemini/logprobs.hpp"
#include "gemini/spelling.hpp"
#include "openai/error_body.hpp"
#include "triage/body_padding.hpp"

#include <algorithm>
#include <utility>

namespace triage::gemini {
namespace {

using Step = BlockEvent::Kind;

JsonString spelled(std::string_view raw) {
  return {raw, raw.find('\\') != std::string_view::npos};
}

}  // namespace

class ResponseReader {
 public:
  ResponseReader(std::string_view json, AnswerEvents& state, std::vector<BlockEvent>& out)
      : json_(json), state_(state), out_(out) {}

  std::optional<Error> read() {
    if (!read_answer_members(json_, m_))
      return Error{ErrorCode::upstream_bad_response, "the provider's answer is no valid JSON object"};
    if (!m_.error.empty()) return reported();
    if (!m_.says) return std::nullopt;
    begin();
    for (const AnswerPart& part : m_.parts)
      if (auto error = add_part(part)) return error;
    add_cited();
    add_logprobs();
    if (m_.usage) state_.usage_ = m_.usage;
    if (!m_.service_tier.empty()) state_.service_tier_ = m_.service_tier;
    if (auto error = note_end()) return error;
    if (state_.last_ && state_.calls_.empty()) tell_end();
    if (m_.usage && state_.told_) add_usage();
    return std::nullopt;
  }

  void end() {
    if (!state_.begun_ || state_.told_) return;
    tell_end();
    add_usage();
  }

 private:
  Error reported() {
    Error error{ErrorCode::upstream_error, "the provider reports an error in place of an answer"};
    if (const std::string message = reported_message(json_); !message.empty()) error.message += ": " + message;
    JsonReader in(m_.error);
    each_member(in, [&](const JsonString& name) {
      if (name.is("code"))
        error.status = static_cast<int>(read_whole(in).value_or(0));
      else
        in.skip();
    });
    if (error.status < 400 || error.status > 599) error.status = 0;
    return error;
  }

  // Every object of a stream has it, and what it counts grows: only the last ones are told.
  void add_usage() {
    if (!state_.usage_) return;
    BlockEvent& event = add(Step::usage);
    event.usage = state_.usage_;
    event.service_tier = state_.service_tier_;
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
    state_.id_ = m_.id.text();
    if (state_.id_.empty()) state_.id_ = request_id();
    BlockEvent& event = add(Step::begin);
    event.id = m_.id;
    event.name = m_.model;
  }

  BlockEvent& open(BlockKind kind) {
    close();
    state_.open_ = true;
    state_.signed_ = false;
    state_.text_.clear();
    state_.kind_ = kind;
    ++state_.blocks_;
    return add(Step::block_begin);
  }

  void close() {
    if (std::exchange(state_.open_, false)) add(Step::block_end);
  }

  // What comes behind a call or an end: the call is the client's, and the answer goes on.
  void go_on() {
    flush_calls();
    state_.last_.reset();
  }

  std::optional<Error> add_part(const AnswerPart& part) {
    if (state_.told_ || part.own_tool) return std::nullopt;
    if (part.result) return drop_call(part.name), std::nullopt;
    if (part.call) return add_call(part);
    if (part.text.raw.empty() && part.signature.raw.empty()) return std::nullopt;
    go_on();
    const BlockKind kind = part.thought ? BlockKind::thought : BlockKind::text;
    const bool twice = state_.signed_ && !part.signature.raw.empty();
    if (!state_.open_ || state_.kind_ != kind || twice) open(kind);
    if (!part.text.raw.empty()) add(Step::delta).text = part.text;
    if (kind == BlockKind::text) part.text.append_to(state_.text_);
    sign(part.signature);
    return std::nullopt;
  }

  void sign(const JsonString& signature) {
    if (signature.raw.empty()) return;
    add(Step::signature).text = signature;
    state_.signed_ = true;
  }

  // A call waits until it is known that the provider does not answer it itself.
  std::optional<Error> add_call(const AnswerPart& part) {
    std::vector<AnswerEvents::Call>& calls = state_.calls_;
    const bool further = part.name.raw.empty();
    if (further && (calls.empty() || !calls.back().goes_on)) return std::nullopt;
    if (!further) {
      state_.last_.reset();
      AnswerEvents::Call& call = calls.emplace_back();
      call.id = part.id.raw;
      call.name = part.name.raw;
      call.arguments = part.arguments;
      call.signature = part.signature.raw;
    }
    calls.back().goes_on = part.goes_on;
    if (part.pieces.empty()) return std::nullopt;
    JsonReader in(part.pieces);
    if (calls.back().pieces.add(in)) return std::nullopt;
    return Error{ErrorCode::upstream_bad_response, "the provider's stream has arguments whose place cannot be read"};
  }

  void drop_call(const JsonString& name) {
    const auto answered = std::ranges::find_if(state_.calls_, [&](const auto& call) { return call.name == name.raw; });
    if (answered == state_.calls_.end()) return;
    state_.calls_.erase(answered);
    state_.last_.reset();
  }

  void flush_calls() {
    for (AnswerEvents::Call& call : std::exchange(state_.calls_, {})) {
      BlockEvent& event = open(BlockKind::call);
      event.name = own(std::move(call.name));
      event.id = call.id.empty() ? made_id() : own(std::move(call.id));
      state_.called_ = true;
      sign(own(std::move(call.signature)));
      std::string arguments;
      append_json_escaped(arguments, !call.arguments.empty() ? call.arguments : call.pieces.text());
      add(Step::delta).text = own(std::move(arguments));
      close();
    }
  }

  void add_cited() {
    if (!state_.open_ || state_.kind_ != BlockKind::text) return;
    for (const PageCited& page : m_.cited) {
      BlockEvent& event = add(Step::citation);
      event.id = page.url;
      event.name = page.title;
      event.recited = page.recited;
      event.from = page.from < 0 ? -1 : characters(page.from);
      event.to = page.from < 0 ? -1 : characters(page.to);
    }
  }

  // How many characters the text has in front of this byte.
  [[nodiscard]] std::int64_t characters(std::int64_t bytes) const {
    const auto end = std::min(static_cast<std::size_t>(bytes), state_.text_.size());
    return std::count_if(state_.text_.begin(), state_.text_.begin() + static_cast<std::ptrdiff_t>(end),
                         [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; });
  }

  void add_logprobs() {
    if (m_.logprobs.empty() || !state_.open_ || state_.kind_ != BlockKind::text) return;
    const auto text = std::find_if(out_.rbegin(), out_.rend(), [](const BlockEvent& event) {
      return event.kind == Step::delta && event.block == BlockKind::text;
    });
    BlockEvent& event = text != out_.rend() ? *text : add(Step::delta);
    event.logprobs = own(chat_logprobs(m_.logprobs)).raw;
  }

  // The same each time that the answer is read, and no other call's.
  JsonString made_id() {
    constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz234567";
    constexpr std::size_t size = 24;
    const auto digest = sha256(state_.id_ + "/" + std::to_string(state_.blocks_));
    std::string id = "call_";
    for (std::size_t i = 0; i < size; ++i) id += letters[digest[i] % letters.size()];
    return own(std::move(id));
  }

  JsonString own(std::string text) {
    const std::size_t size = text.size();
    text.append(body_padding, '\0');
    return spelled(std::string_view(state_.owned_.emplace_front(std::move(text))).substr(0, size));
  }

  void tell_end() {
    if (std::exchange(state_.told_, true)) return;
    flush_calls();
    close();
    BlockEvent& event = add(Step::finish);
    event.reason = state_.called_ ? FinishReason::calls : FinishReason::other;
    if (!state_.last_) return;
    event.reason = state_.last_->blocked ? FinishReason::refusal : reason_of(state_.last_->word, state_.called_);
    event.native = own(state_.last_->word);
    if (event.reason == FinishReason::refusal) event.why = own(state_.last_->why);
  }

  // Behind calls it waits for that of the stream: where the provider answers them itself, the answer goes on.
  std::optional<Error> note_end() {
    const JsonString& native = m_.reason.raw.empty() ? m_.blocked : m_.reason;
    if (native.raw.empty() || native.is("FINISH_REASON_UNSPECIFIED") || state_.told_) return std::nullopt;
    const std::string word = native.text();
    if (is_failure(word, state_.called_ || !state_.calls_.empty())) {
      Error error{ErrorCode::upstream_error, "the model's answer ended with " + word};
      if (!m_.message.raw.empty()) error.message += ": " + m_.message.text();
      return error;
    }
    state_.last_ = {word, std::string(m_.message.raw), m_.reason.raw.empty()};
    return std::nullopt;
  }

  std::string_view json_;
  AnswerEvents& state_;
  std::vector<BlockEvent>& out_;
  AnswerMembers m_;
};

std::optional<Error> AnswerEvents::read(std::string_view json, std::vector<BlockEvent>& out) {
  owned_.clear();
  return ResponseReader(json, *this, out).read();
}

void AnswerEvents::end(std::vector<BlockEvent>& out) {
  owned_.clear();
  ResponseReader({}, *this, out).end();
}

std::optional<Error> read_whole(std::string_view body, BlockAnswer& out) {
  AnswerEvents state;
  std::optional<Error> error;
  const auto read = [&](std::string_view json) {
    if (!error) error = state.read(json, out.events);
    out.owned.splice_after(out.owned.before_begin(), state.take_owned());
  };
  JsonReader in(body);
  if (in.kind() == JsonReader::Kind::array) {
    each_element(in, [&] {
      const std::size_t begin = in.value_offset();
      in.skip();
      read(body.substr(begin, in.offset() - begin));
    });
    if (!in.finish()) error = Error{ErrorCode::upstream_bad_response, "the provider's answer is no valid JSON"};
  } else {
    read(body);
  }
  if (!error && !state.begun())
    error = Error{ErrorCode::upstream_bad_response, "the provider's answer has no candidates"};
  if (error) return error;
  state.end(out.events);
  out.owned.splice_after(out.owned.before_begin(), state.take_owned());
  return std::nullopt;
}

}  // namespace triage::gemini
