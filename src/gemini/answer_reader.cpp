// {"candidates":[{"content":{"role":"model","parts":[
//     {"text":"...","thought":true} | {"text":"...","thoughtSignature":"..."} |
//     {"functionCall":{"id":"...","name":"f","args":{...}},"thoughtSignature":"..."}]},
//   "finishReason":"STOP","finishMessage":"...","index":0}],
//  "promptFeedback":{"blockReason":"SAFETY","blockReasonMessage":"..."},
//  "usageMetadata":{...},"modelVersion":"...","responseId":"..."}
//
// Each object of a stream is one of these with the next pieces. A signature belongs to the block that is open; one
// without a text to stand on makes an empty block. Parts of the provider's own tools are not read.
#include "gemini/answer_reader.hpp"

#include "base/ids.hpp"
#include "base/sha256.hpp"
#include "blocks/member_values.hpp"
#include "gemini/finish_words.hpp"
#include "gemini/spelling.hpp"
#include "gemini/usage.hpp"
#include "openai/error_body.hpp"
#include "triage/body_padding.hpp"

#include <utility>

namespace triage::gemini {
namespace {

using Kind = JsonReader::Kind;
using Step = BlockEvent::Kind;

// What one part says.
struct Part {
  JsonString text;
  JsonString signature;
  JsonString id;
  JsonString name;
  std::string_view arguments;
  bool thought = false;
  bool call = false;
};

}  // namespace

class ResponseReader {
 public:
  ResponseReader(std::string_view json, AnswerEvents& state, std::vector<BlockEvent>& out)
      : json_(json), in_(json), state_(state), out_(out) {}

  std::optional<Error> read() {
    const bool is_object = each_member(in_, [this](const JsonString& name) { read_member(name); });
    if (!is_object || !in_.finish())
      return Error{ErrorCode::upstream_bad_response, "the provider's answer is no valid JSON object"};
    if (!error_.empty()) return reported();
    if (!says_) return std::nullopt;
    begin();
    for (const Part& part : parts_) add_part(part);
    if (usage_) state_.usage_ = usage_;
    if (!service_tier_.empty()) state_.service_tier_ = service_tier_;
    if (auto error = finish()) return error;
    if (usage_ && state_.finished_) add_usage();
    return std::nullopt;
  }

  void end() {
    if (!state_.begun_ || state_.finished_) return;
    close();
    state_.finished_ = true;
    add(Step::finish).reason = state_.called_ ? FinishReason::calls : FinishReason::other;
    add_usage();
  }

 private:
  std::string_view value() {
    const std::size_t begin = in_.value_offset();
    in_.skip();
    return json_.substr(begin, in_.offset() - begin);
  }

  void read_member(const JsonString& name) {
    if (name.is("candidates"))
      each_element(in_, [this] { read_candidate(); });
    else if (is_called(name, "promptFeedback"))
      each_member(in_, [this](const JsonString& inner) { read_feedback(inner); });
    else if (is_called(name, "usageMetadata"))
      usage_ = read_usage(in_, service_tier_);
    else if (is_called(name, "modelVersion"))
      model_ = string_of(in_);
    else if (is_called(name, "responseId"))
      id_ = string_of(in_);
    else if (name.is("error") && in_.kind() == Kind::object)
      error_ = value();
    else
      in_.skip();
    says_ = says_ || usage_.has_value();
  }

  // Of several candidates the first counts.
  void read_candidate() {
    std::int64_t index = 0;
    Candidate read;
    each_member(in_, [&](const JsonString& name) {
      if (name.is("content"))
        each_member(in_, [&](const JsonString& inner) {
          if (inner.is("parts"))
            each_element(in_, [&] { read.parts.push_back(read_part()); });
          else
            in_.skip();
        });
      else if (is_called(name, "finishReason"))
        read.reason = string_of(in_);
      else if (is_called(name, "finishMessage"))
        read.message = string_of(in_);
      else if (name.is("index"))
        index = read_whole(in_).value_or(0);
      else
        in_.skip();
    });
    if (index != 0) return;
    says_ = true;
    for (Part& part : read.parts) parts_.push_back(part);
    if (!read.reason.raw.empty()) reason_ = read.reason;
    if (!read.message.raw.empty()) message_ = read.message;
  }

  Part read_part() {
    Part part;
    each_member(in_, [&](const JsonString& name) {
      if (name.is("text"))
        part.text = string_of(in_);
      else if (name.is("thought") && in_.kind() == Kind::boolean)
        in_.boolean(part.thought);
      else if (is_called(name, "thoughtSignature"))
        part.signature = string_of(in_);
      else if (is_called(name, "functionCall"))
        read_call(part);
      else
        in_.skip();
    });
    return part;
  }

  void read_call(Part& part) {
    each_member(in_, [&](const JsonString& name) {
      if (name.is("id"))
        part.id = string_of(in_);
      else if (name.is("name"))
        part.name = string_of(in_);
      else if (name.is("args") && in_.kind() == Kind::object)
        part.arguments = value();
      else
        in_.skip();
    });
    part.call = !part.name.raw.empty();
  }

  void read_feedback(const JsonString& name) {
    if (is_called(name, "blockReason"))
      blocked_ = string_of(in_);
    else if (is_called(name, "blockReasonMessage"))
      message_ = string_of(in_);
    else
      in_.skip();
    says_ = says_ || !blocked_.raw.empty();
  }

  Error reported() {
    Error error{ErrorCode::upstream_error, "the provider reports an error in place of an answer"};
    if (const std::string message = reported_message(json_); !message.empty()) error.message += ": " + message;
    JsonReader in(error_);
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
    state_.id_ = id_.text();
    if (state_.id_.empty()) state_.id_ = request_id();
    BlockEvent& event = add(Step::begin);
    event.id = id_;
    event.name = model_;
  }

  BlockEvent& open(BlockKind kind) {
    close();
    state_.open_ = true;
    state_.signed_ = false;
    state_.kind_ = kind;
    ++state_.blocks_;
    return add(Step::block_begin);
  }

  void close() {
    if (std::exchange(state_.open_, false)) add(Step::block_end);
  }

  void add_part(const Part& part) {
    if (state_.finished_) return;
    if (part.call) return add_call(part);
    if (part.text.raw.empty() && part.signature.raw.empty()) return;
    const BlockKind kind = part.thought ? BlockKind::thought : BlockKind::text;
    const bool twice = state_.signed_ && !part.signature.raw.empty();
    if (!state_.open_ || state_.kind_ != kind || twice) open(kind);
    if (!part.text.raw.empty()) add(Step::delta).text = part.text;
    sign(part);
  }

  void sign(const Part& part) {
    if (part.signature.raw.empty()) return;
    add(Step::signature).text = part.signature;
    state_.signed_ = true;
  }

  void add_call(const Part& part) {
    BlockEvent& event = open(BlockKind::call);
    event.name = part.name;
    event.id = part.id.raw.empty() ? made_id() : part.id;
    state_.called_ = true;
    std::string& arguments = state_.owned_.emplace_front();
    append_json_escaped(arguments, part.arguments.empty() ? "{}" : part.arguments);
    sign(part);
    add(Step::delta).text = padded(arguments);
    close();
  }

  // The same each time that the answer is read, and no other call's.
  JsonString made_id() {
    constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz234567";
    constexpr std::size_t size = 24;
    const auto digest = sha256(state_.id_ + "/" + std::to_string(state_.blocks_));
    std::string& id = state_.owned_.emplace_front("call_");
    for (std::size_t i = 0; i < size; ++i) id += letters[digest[i] % letters.size()];
    return padded(id);
  }

  static JsonString padded(std::string& text) {
    const std::size_t size = text.size();
    text.append(body_padding, '\0');
    const std::string_view raw = std::string_view(text).substr(0, size);
    return {raw, raw.find('\\') != std::string_view::npos};
  }

  std::optional<Error> finish() {
    const JsonString& native = reason_.raw.empty() ? blocked_ : reason_;
    if (native.raw.empty() || native.is("FINISH_REASON_UNSPECIFIED") || state_.finished_) return std::nullopt;
    const std::string word = native.text();
    if (is_failure(word, state_.called_)) {
      Error error{ErrorCode::upstream_error, "the model's answer ended with " + word};
      if (!message_.raw.empty()) error.message += ": " + message_.text();
      return error;
    }
    close();
    state_.finished_ = true;
    BlockEvent& event = add(Step::finish);
    event.reason = reason_.raw.empty() ? FinishReason::refusal : reason_of(word, state_.called_);
    event.native = native;
    if (event.reason == FinishReason::refusal) event.why = message_;
    return std::nullopt;
  }

  struct Candidate {
    std::vector<Part> parts;
    JsonString reason;
    JsonString message;
  };

  std::string_view json_;
  JsonReader in_;
  AnswerEvents& state_;
  std::vector<BlockEvent>& out_;
  std::vector<Part> parts_;
  JsonString id_;
  JsonString model_;
  JsonString reason_;
  JsonString message_;
  JsonString blocked_;
  std::optional<UsageReport> usage_;
  std::string_view service_tier_;
  std::string_view error_;
  bool says_ = false;
};

std::optional<Error> AnswerEvents::read(std::string_view json, std::vector<BlockEvent>& out) {
  owned_.clear();
  return ResponseReader(json, *this, out).read();
}

void AnswerEvents::end(std::vector<BlockEvent>& out) {
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
  if (in.kind() == Kind::array) {
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
  if (!error) state.end(out.events);
  return error;
}

}  // namespace triage::gemini
