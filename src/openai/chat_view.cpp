// What is counted, in o200k's tokens as estimate_tokens() estimates them: all texts of messages, prompt or input, 4
// more for each message, the JSON of tools, tool calls and schema as written, and tokens given as numbers.
#include "triage/chat_view.hpp"

#include "json/json.hpp"
#include "text/text_shape.hpp"
#include "triage/body_padding.hpp"

#include <utility>

namespace triage {
namespace {

using Kind = JsonReader::Kind;

constexpr std::int64_t tokens_around_message = 4;  // role and special tokens, in OpenAI's chat format

// Consumes a content, prompt or input; calls `text` with each of its texts, `token` for each number.
template <class Text, class Token>
void read_content(JsonReader& in, Text text, Token token) {
  const auto string = [&] {
    JsonString value;
    if (in.string(value)) text(value);
  };
  const auto number = [&] {
    if (in.kind() == Kind::number) token();
    in.skip_unchecked();
  };
  const auto part = [&](const JsonString& name) {
    if (in.kind() == Kind::string && (name.is("text") || name.is("refusal")))
      string();
    else
      in.skip_unchecked();
  };
  if (in.kind() == Kind::string) return string();
  each_element(in, [&] {
    switch (in.kind()) {
      case Kind::string: string(); break;
      case Kind::object: each_member(in, part); break;
      case Kind::array: each_element(in, number); break;
      default: number();
    }
  });
}

// False: text() returned false.
bool each_text_at(const ApiRequest& request, Span content, const ChatView::TextVisitor& text) {
  if (content.empty()) return true;
  bool going = true;
  std::string unescaped;
  const auto give = [&](const JsonString& value) {
    if (!going) return;
    if (value.escaped) {
      unescaped.clear();
      value.append_to(unescaped);
    }
    going = text(value.escaped ? std::string_view(unescaped) : value.raw);
  };
  JsonReader in(request.at(content));
  read_content(in, give, [] {});
  return going;
}

// Counts everything except the text of the last user turn.
class RestCount {
 public:
  explicit RestCount(const ApiRequest& request) : request_(request) {}

  std::int64_t read() {
    if (request_.api != Api::chat) content(request_.texts);
    for (const ChatMessage& message : request_.messages) {
      more_tokens_ += tokens_around_message;
      if (!message.content.empty()) content(message.content);
      count_text(request_.at(message.calls), shape_);
    }
    if (request_.outline.tools) {
      count_text(request_.at(request_.tools), shape_);
      count_text(request_.at(request_.functions), shape_);
    }
    if (request_.outline.response_format == ResponseFormat::json_schema)
      count_text(request_.at(request_.response_format), shape_);
    return estimate_tokens(shape_) + more_tokens_;
  }

 private:
  void content(Span span) {
    const bool turn = span.begin == request_.outline.turn.begin;
    const auto add = [this, turn](const JsonString& value) {
      if (turn) return;
      if (!value.escaped) return count_text(value.raw, shape_);
      unescaped_.clear();
      value.append_to(unescaped_);
      count_text(unescaped_, shape_);
    };
    JsonReader in(request_.at(span));
    read_content(in, add, [this] { ++more_tokens_; });
  }

  const ApiRequest& request_;
  TextShape shape_;
  std::int64_t more_tokens_ = 0;
  std::string unescaped_;
};

}  // namespace

// A single text without escapes stays where it is; several, or one with escapes, are copied to the storage.
void ChatView::read_turn(Turn& out) const {
  if (turn.empty()) return;
  JsonReader in(request_->at(turn));
  const auto keep = [&out](const JsonString& value) {
    const bool first = out.text.empty() && out.storage.empty();
    if (first && !value.escaped) {
      out.text = value.raw;
      return;
    }
    if (!first) out.storage.append(std::exchange(out.text, {})).append("\n");
    value.append_to(out.storage);
  };
  read_content(in, keep, [] {});
  if (const std::size_t size = out.storage.size(); size > 0) {
    out.storage.append(body_padding, '\0');
    out.text = std::string_view(out.storage).substr(0, size);
  }
}

void ChatView::each_text(const TextVisitor& text) const {
  if (request_ == nullptr) return;
  bool going = is_chat() || each_text_at(*request_, request_->texts, text);
  for (const ChatMessage& message : request_->messages) going = going && each_text_at(*request_, message.content, text);
}

void ChatView::each_text(const ChatMessage& message, const TextVisitor& text) const {
  if (request_ != nullptr) each_text_at(*request_, message.content, text);
}

std::int64_t ChatView::count() const {
  if (count_) return *count_;
  TextShape shape;
  count_text(text(), shape);
  return count_.emplace(estimate_tokens(shape));
}

std::int64_t ChatView::count_rest() const {
  if (!rest_) rest_ = request_ != nullptr ? RestCount(*request_).read() : 0;
  return *rest_;
}

Script ChatView::script() const {
  if (!script_) script_ = request_ != nullptr ? script_of(text()) : Script::none;
  return *script_;
}

const ChatView::Metadata& ChatView::metadata() const {
  if (metadata_) return *metadata_;
  Metadata& out = metadata_.emplace();
  if (metadata_value.empty()) return out;
  JsonReader in(request_->at(metadata_value));
  each_member(in, [&](const JsonString& name) {
    JsonString value;
    if (in.kind() == Kind::string && in.string(value))
      out.emplace_back(name.text(), value.text());
    else
      in.skip_unchecked();
  });
  return out;
}

}  // namespace triage
