// chat         messages: [{role, content: "..." | [{type: text, text}, {type: image_url, ...}, ...], tool_calls}, ...]
// completions  prompt: "..." | ["...", ...] | [token, ...] | [[token, ...], ...]
// embeddings   input:  as prompt
// all          tools, functions, response_format: {type}, max_tokens, n, logprobs, metadata: {name: text}
// A message's role may come behind its content, so a content is noted first.
#include "wire/features.hpp"

#include "triage/exchange.hpp"
#include "wire/json.hpp"
#include "wire/text_shape.hpp"

#include <charconv>
#include <utility>

namespace triage {
namespace {

using Kind = JsonReader::Kind;

constexpr std::int64_t tokens_around_message = 4;  // role and marks, in OpenAI's chat format

class BodyFeatures {
 public:
  BodyFeatures(const ApiRequest& request, Features& out) : request_(request), out_(out) {}

  void read() {
    JsonReader in(request_.body);
    JsonString name;
    if (!in.enter_object()) return;
    while (in.next_name(name)) member(in, name);
    finish();
  }

 private:
  void member(JsonReader& in, const JsonString& name) {
    const bool chat = request_.api == Api::chat;
    if (chat && name.is("messages"))
      messages(in);
    else if (!chat && name.is(request_.api == Api::completions ? "prompt" : "input"))
      prompt(in);
    else if (name.is("tools") || name.is("functions"))
      tools(in);
    else if (name.is("response_format"))
      response_format(in);
    else if (name.is("max_completion_tokens"))
      completion_max_ = number(in);
    else if (name.is("max_tokens"))
      out_.max_tokens = number(in);
    else if (name.is("n"))
      out_.choices = number(in).value_or(1);
    else if (name.is("logprobs") || name.is("top_logprobs"))
      logprobs(in);
    else if (name.is("metadata"))
      metadata(in);
    else
      in.skip_unchecked();
  }

  void messages(JsonReader& in) {
    if (in.kind() != Kind::array) {
      in.skip_unchecked();
      return;
    }
    in.enter_array();
    while (in.next_element()) {
      if (in.kind() == Kind::object)
        message(in);
      else
        in.skip_unchecked();
    }
  }

  void message(JsonReader& in) {
    JsonString name;
    JsonString role;
    JsonString plain;         // the content, if it is a string
    std::size_t content = 0;  // where it stands, if it is none
    in.enter_object();
    while (in.next_name(name)) {
      const Kind kind = in.kind();
      if (name.is("role") && kind == Kind::string) {
        in.string(role);
      } else if (name.is("content") && kind == Kind::string) {
        in.string(plain);
      } else {
        const std::size_t begin = in.value_offset();
        in.skip_unchecked();
        if (name.is("content")) content = begin;
        if (name.is("tool_calls") || name.is("function_call"))
          count_text(request_.body.substr(begin, in.offset() - begin), all_);
      }
    }
    more_tokens_ += tokens_around_message;
    if (role.is("system") || role.is("developer")) out_.system = true;
    const bool turn = role.is("user");
    if (turn) begin_turn();
    content_ = {};
    if (content != 0) {
      JsonReader parts(request_.body.substr(content));
      read_content(parts, turn);
    } else {
      text(plain, turn);
    }
    all_ += content_;
    if (turn) last_shape_ = content_;
  }

  void begin_turn() {
    ++out_.turns;
    out_.text = {};
    out_.text_storage.clear();
  }

  // Consumes a content, prompt or input: counts its texts, and keeps them if it is a turn of the user.
  void read_content(JsonReader& in, bool turn) {
    if (in.kind() == Kind::string) return string(in, turn);
    if (in.kind() != Kind::array) {
      in.skip_unchecked();
      return;
    }
    in.enter_array();
    while (in.next_element()) {
      switch (in.kind()) {
        case Kind::string: string(in, turn); break;
        case Kind::object: part(in, turn); break;
        case Kind::number: token(in); break;
        case Kind::array:
          in.enter_array();
          while (in.next_element()) token(in);
          break;
        default: in.skip_unchecked();
      }
    }
  }

  void string(JsonReader& in, bool turn) {
    JsonString value;
    if (in.string(value)) text(value, turn);
  }

  // A text of its own stays where it is; several, or one with escapes, go to the storage.
  void text(const JsonString& value, bool turn) {
    std::string& storage = turn ? out_.text_storage : unescaped_;
    const bool first = out_.text.empty() && out_.text_storage.empty();
    if (!value.escaped && (first || !turn)) {
      if (turn) out_.text = value.raw;
      return count_text(value.raw, content_);
    }
    if (!turn)
      storage.clear();
    else if (!first)
      storage.append(std::exchange(out_.text, {})).append("\n");
    const std::size_t before = storage.size();
    value.append_to(storage);
    count_text(std::string_view(storage).substr(before), content_);
  }

  void token(JsonReader& in) {
    if (in.kind() == Kind::number) ++more_tokens_;
    in.skip_unchecked();
  }

  void part(JsonReader& in, bool turn) {
    JsonString name;
    in.enter_object();
    while (in.next_name(name)) {
      const bool is_text = name.is("text") || name.is("refusal");
      if (is_text && in.kind() == Kind::string) {
        string(in, turn);
      } else if (name.is("type") && in.kind() == Kind::string) {
        JsonString type;
        in.string(type);
        if (type.is("image_url") || type.is("input_image")) ++out_.images;
        if (type.is("input_audio")) out_.audio = true;
      } else {
        in.skip_unchecked();
      }
    }
  }

  void prompt(JsonReader& in) {
    begin_turn();
    read_content(in, true);
    all_ += last_shape_ = content_;
  }

  void tools(JsonReader& in) {
    const std::size_t begin = in.value_offset();
    const bool list = in.kind() == Kind::array;
    in.skip_unchecked();
    const std::string_view value = request_.body.substr(begin, in.offset() - begin);
    if (!list || value.find_first_not_of(" \t\r\n", 1) == value.size() - 1) return;
    out_.tools = true;
    count_text(value, all_);
  }

  void response_format(JsonReader& in) {
    const std::size_t begin = in.value_offset();
    if (in.kind() != Kind::object) {
      in.skip_unchecked();
      return;
    }
    JsonString name;
    in.enter_object();
    while (in.next_name(name)) {
      if (!name.is("type") || in.kind() != Kind::string) {
        in.skip_unchecked();
        continue;
      }
      JsonString type;
      in.string(type);
      if (type.is("json_object")) out_.response_format = ResponseFormat::json_object;
      if (type.is("json_schema")) out_.response_format = ResponseFormat::json_schema;
    }
    if (out_.response_format == ResponseFormat::json_schema)
      count_text(request_.body.substr(begin, in.offset() - begin), all_);
  }

  static std::optional<std::int64_t> number(JsonReader& in) {
    std::string_view spelled;
    if (in.kind() != Kind::number) {
      in.skip_unchecked();
      return std::nullopt;
    }
    in.number(spelled);
    std::int64_t value = 0;
    const auto [end, problem] = std::from_chars(spelled.data(), spelled.data() + spelled.size(), value);
    if (problem != std::errc() || end != spelled.data() + spelled.size()) return std::nullopt;
    return value;
  }

  void logprobs(JsonReader& in) {
    bool asked = in.kind() == Kind::number;
    if (in.kind() == Kind::boolean)
      in.boolean(asked);
    else
      in.skip_unchecked();
    out_.logprobs = out_.logprobs || asked;
  }

  void metadata(JsonReader& in) {
    if (in.kind() != Kind::object) {
      in.skip_unchecked();
      return;
    }
    JsonString name;
    JsonString value;
    in.enter_object();
    while (in.next_name(name)) {
      if (in.kind() == Kind::string && in.string(value))
        out_.metadata.emplace_back(name.text(), value.text());
      else
        in.skip_unchecked();
    }
  }

  void finish() {
    if (completion_max_) out_.max_tokens = completion_max_;
    out_.tokens_all = estimate_tokens(all_) + more_tokens_;
    out_.tokens = estimate_tokens(last_shape_);
    out_.script = script_of(last_shape_);
    if (const std::size_t size = out_.text_storage.size(); size > 0) {
      out_.text_storage.append(body_padding, '\0');
      out_.text = std::string_view(out_.text_storage).substr(0, size);
    }
    if (out_.text.empty() && request_.api != Api::chat) out_.tokens = out_.tokens_all;  // tokens, not text
  }

  const ApiRequest& request_;
  Features& out_;
  TextShape all_;
  TextShape content_;     // of the message, prompt or input that is being read
  TextShape last_shape_;  // of the last user turn
  std::int64_t more_tokens_ = 0;
  std::optional<std::int64_t> completion_max_;
  std::string unescaped_;
};

}  // namespace

void read_features(const ApiRequest& request, Features& out) {
  BodyFeatures(request, out).read();
}

}  // namespace triage
