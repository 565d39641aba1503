// {"choices":[{"index":0,"message":{"content":"Hello","refusal":null,
//                                   "tool_calls":[{"function":{"name":"f","arguments":"{}"}}]},
//              "logprobs":{"content":[{"token":"Hello","logprob":-0.1}]},"finish_reason":"stop"}]}
//
// In an event `delta` stands for `message`, texts and arguments are the next piece of them, and a tool call has its
// `index`. A completion has `text`, and `token_logprobs` in its `logprobs`. `content` may be a list of parts with
// `text`.
#include "openai/completion.hpp"

#include "json/json.hpp"

#include <algorithm>
#include <charconv>

namespace triage {
namespace {

constexpr std::size_t tool_calls_most = 128;
constexpr std::int64_t choices_most = 1024;

class CompletionReader {
 public:
  CompletionReader(std::string_view json, Completion& out) : in_(json), out_(out) {}

  void read() {
    JsonString name;
    if (in_.kind() != JsonReader::Kind::object || !in_.enter_object()) return;
    for (;;) {
      if (!in_.next_name(name)) return;
      if (name.is("choices")) break;
      in_.skip_unchecked();
    }
    std::int64_t place = 0;
    each_element(in_, [&] { read_choice(place++); });
  }

 private:
  void read_choice(std::int64_t place) {
    const std::int64_t index = read_index(place);
    out_.choices = std::max(out_.choices, std::min(index + 1, choices_most));
    if (index != 0) return void(in_.skip_unchecked());
    each_member(in_, [this](const JsonString& name) {
      if (name.is("message") || name.is("delta"))
        read_message();
      else if (name.is("text"))
        add_text(out_.text);
      else if (name.is("logprobs"))
        read_logprobs();
      else if (name.is("finish_reason") && in_.kind() == JsonReader::Kind::string)
        set_text(out_.finish_reason);
      else
        in_.skip_unchecked();
    });
  }

  // Of the choice or tool call that comes next, which stays to be read: `index` may stand behind what it is the index
  // of. Without one it is its place.
  [[nodiscard]] std::int64_t read_index(std::int64_t place) const {
    JsonReader ahead = in_;
    JsonString name;
    if (ahead.kind() != JsonReader::Kind::object || !ahead.enter_object()) return place;
    while (ahead.next_name(name)) {
      if (name.is("index") && ahead.kind() == JsonReader::Kind::number) return number(ahead);
      ahead.skip_unchecked();
    }
    return place;
  }

  void read_message() {
    each_member(in_, [this](const JsonString& name) {
      if (name.is("content"))
        read_content();
      else if (name.is("refusal"))
        add_text(out_.refusal);
      else if (name.is("tool_calls"))
        read_tool_calls();
      else
        in_.skip_unchecked();
    });
  }

  void read_content() {
    if (in_.kind() != JsonReader::Kind::array) return add_text(out_.text);
    each_element(in_, [this] {
      each_member(
          in_, [this](const JsonString& name) { name.is("text") ? add_text(out_.text) : void(in_.skip_unchecked()); });
    });
  }

  void read_tool_calls() {
    std::size_t place = 0;
    each_element(in_, [&] { read_tool_call(place++); });
  }

  void read_tool_call(std::size_t place) {
    place = static_cast<std::size_t>(read_index(static_cast<std::int64_t>(place)));
    if (place >= tool_calls_most) return void(in_.skip_unchecked());
    if (place >= out_.tool_calls.size()) out_.tool_calls.resize(place + 1);
    ToolCall& call = out_.tool_calls[place];
    each_member(in_, [&](const JsonString& name) {
      if (!name.is("function")) return void(in_.skip_unchecked());
      each_member(in_, [&](const JsonString& member) {
        if (member.is("name"))
          add_text(call.name);
        else if (member.is("arguments"))
          add_text(call.arguments);
        else
          in_.skip_unchecked();
      });
    });
  }

  void read_logprobs() {
    each_member(in_, [this](const JsonString& name) {
      if (name.is("content"))
        each_element(in_, [this] {
          each_member(in_, [this](const JsonString& member) {
            member.is("logprob") ? add_logprob() : void(in_.skip_unchecked());
          });
        });
      else if (name.is("token_logprobs"))
        each_element(in_, [this] { add_logprob(); });
      else
        in_.skip_unchecked();
    });
  }

  void add_logprob() {
    std::string_view spelled;
    if (in_.kind() != JsonReader::Kind::number) return void(in_.skip_unchecked());  // null: of a prompt's first token
    if (!in_.number(spelled)) return;
    double value = 0;
    std::from_chars(spelled.data(), spelled.data() + spelled.size(), value);
    out_.logprobs.push_back(value);
  }

  void add_text(std::string& out) {
    JsonString piece;
    if (in_.kind() != JsonReader::Kind::string)
      in_.skip_unchecked();
    else if (in_.string(piece))
      piece.append_to(out);
  }
  void set_text(std::string& out) {
    out.clear();
    add_text(out);
  }

  // A whole number that is not negative; what is none is larger than any that counts.
  static std::int64_t number(JsonReader& in) {
    std::string_view spelled;
    std::int64_t value = choices_most;
    if (!in.number(spelled)) return value;
    const auto [end, error] = std::from_chars(spelled.data(), spelled.data() + spelled.size(), value);
    return error != std::errc() || end != spelled.data() + spelled.size() || value < 0 ? choices_most : value;
  }

  JsonReader in_;
  Completion& out_;
};

}  // namespace

void add_to_completion(std::string_view json, Completion& out) {
  CompletionReader(json, out).read();
}

Completion read_completion(std::string_view body) {
  Completion out;
  add_to_completion(body, out);
  return out;
}

}  // namespace triage
