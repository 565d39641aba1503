// {"choices":[{"index":0,"message":{"content":"Hello","refusal":null,
//                                   "tool_calls":[{"function":{"name":"f","arguments":"{}"}}]},
//              "logprobs":{"content":[{"token":"Hello","logprob":-0.1}]},"finish_reason":"stop"}]}
//
// A custom tool's call has `custom` with `input`, an old answer one `function_call`; `audio`, `images` and parts of
// other types than text are media.
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
  CompletionReader(std::string_view json, Completion& out) : json_(json), in_(json), out_(out) {}

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
      pieces_ = name.is("delta");
      if (pieces_ || name.is("message"))
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
        each_element(in_, [this] { read_tool_call(); });
      else if (name.is("function_call"))
        read_function_call();
      else if (name.is("audio") || name.is("images"))
        read_media();
      else
        in_.skip_unchecked();
    });
  }

  void read_content() {
    if (in_.kind() != JsonReader::Kind::array) return add_text(out_.text);
    each_element(in_, [this] {
      each_member(in_, [this](const JsonString& name) {
        if (name.is("text"))
          add_text(out_.text);
        else if (name.is("image_url") || name.is("audio") || name.is("image"))
          read_media();
        else
          in_.skip_unchecked();
      });
    });
  }

  void read_media() {
    const JsonReader::Kind kind = in_.kind();
    const std::size_t begin = in_.value_offset();
    in_.skip_unchecked();
    out_.media = out_.media || kind == JsonReader::Kind::object || kind == JsonReader::Kind::string ||
                 (kind == JsonReader::Kind::array && in_.offset() - begin > 2);
  }

  void read_tool_call() {
    const Heading head = read_heading();
    ToolCall* call = call_of(head);
    if (call == nullptr && out_.tool_calls.size() >= tool_calls_most) return void(in_.skip_unchecked());
    if (call == nullptr) call = &out_.tool_calls.emplace_back();
    if (call->id.empty()) call->id = head.id;
    if (call->index < 0) call->index = head.index;
    each_member(in_, [&](const JsonString& name) {
      if (name.is("custom")) call->custom = true;
      if (name.is("function") || name.is("custom"))
        read_called(*call);
      else
        in_.skip_unchecked();
    });
  }

  // One, in pieces or whole.
  void read_function_call() {
    if (in_.kind() != JsonReader::Kind::object) return void(in_.skip_unchecked());
    if (out_.tool_calls.empty()) out_.tool_calls.emplace_back();
    read_called(out_.tool_calls.front());
  }

  void read_called(ToolCall& call) {
    each_member(in_, [&](const JsonString& member) {
      if (member.is("name"))
        add_name(call.name);
      else if (member.is("arguments") || member.is("input"))
        add_arguments(call.arguments);
      else
        in_.skip_unchecked();
    });
  }

  // Some say it again with each piece.
  void add_name(std::string& out) {
    std::string piece;
    add_text(piece);
    if (piece != out) out += piece;
  }

  // An object stands for its text.
  void add_arguments(std::string& out) {
    if (in_.kind() != JsonReader::Kind::object) return add_text(out);
    const std::size_t begin = in_.value_offset();
    in_.skip_unchecked();
    out += json_.substr(begin, in_.offset() - begin);
  }

  // What a piece of a call says of whose it is.
  struct Heading {
    std::int64_t index = -1;  // none
    std::string id;
    std::string name;
  };
  [[nodiscard]] Heading read_heading() const {
    Heading out;
    JsonReader ahead = in_;
    const auto text = [&ahead](std::string& into) {
      JsonString value;
      if (ahead.kind() != JsonReader::Kind::string)
        ahead.skip_unchecked();
      else if (ahead.string(value))
        value.append_to(into);
    };
    each_member(ahead, [&](const JsonString& member) {
      if (member.is("index") && ahead.kind() == JsonReader::Kind::number)
        out.index = number(ahead);
      else if (member.is("id"))
        text(out.id);
      else if (member.is("function") || member.is("custom"))
        each_member(ahead,
                    [&](const JsonString& part) { part.is("name") ? text(out.name) : void(ahead.skip_unchecked()); });
      else
        ahead.skip_unchecked();
    });
    return out;
  }

  // The call that a piece goes on with; null: it begins one, as every call of a whole answer does. Its id says so, else
  // its index, else it is the last one's; but where a name stands behind a call that has one and is done, or another id
  // at a call's index, a new one begins.
  ToolCall* call_of(const Heading& head) {
    std::vector<ToolCall>& calls = out_.tool_calls;
    if (!pieces_ || calls.empty()) return nullptr;
    const auto last_that = [&](auto is) {
      const auto found = std::find_if(calls.rbegin(), calls.rend(), is);
      return found == calls.rend() ? nullptr : &*found;
    };
    if (!head.id.empty())
      if (ToolCall* same = last_that([&](const ToolCall& call) { return call.id == head.id; })) return same;
    ToolCall* call =
        head.index < 0 ? &calls.back() : last_that([&](const ToolCall& each) { return each.index == head.index; });
    if (call == nullptr || head.name.empty()) return call;
    const bool other_id = !head.id.empty() && !call->id.empty();
    const bool done = call->arguments.ends_with('}') || head.index < 0;
    return other_id || done || (!call->name.empty() && call->name != head.name) ? nullptr : call;
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

  std::string_view json_;
  JsonReader in_;
  Completion& out_;
  bool pieces_ = false;
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
