// {"id":"c","created":1,"model":"m","choices":[{"index":0,"message":{
//     "role":"assistant","content":"Hello","refusal":null,"reasoning_content":"Hm",
//     "tool_calls":[{"index":0,"id":"call_1","function":{"name":"f","arguments":"{}"}}]},
//   "logprobs":{"content":[{"token":"Hello","logprob":-0.1}]},"finish_reason":"stop"}],"usage":{...}}
//
// In a chunk `delta` stands for `message`, and texts are the next piece of them. A completion has `text` in its place,
// and `token_logprobs` in its `logprobs`. `content` may be a list of parts that have `text` or `thinking` (Mistral).
// Reasoning is in `reasoning_content` or `reasoning`: some servers send both, and the first is read. `index` may stand
// behind what it is the index of; without it the place counts.
#include "openai/answer_reader.hpp"

#include "answer/completion.hpp"
#include "json/json.hpp"
#include "openai/usage.hpp"

#include <algorithm>
#include <charconv>

namespace triage {
namespace {

using Kind = JsonReader::Kind;
using Piece = AnswerPiece::Kind;

constexpr std::uint32_t beyond = 0xffff;  // what is not a small index
constexpr int part_depth_max = 3;

class AnswerReader {
 public:
  AnswerReader(std::string_view json, AnswerForm form, AnswerEvent& out)
      : json_(json), in_(json), form_(form), out_(out) {}

  bool read() {
    const bool is_object = each_member(in_, [this](const JsonString& name) { read_member(name); });
    out_.only_usage = usage_at_top_ && no_choices_;
    return is_object && in_.finish();
  }

 private:
  void read_member(const JsonString& name) {
    if (name.is("choices"))
      read_choices();
    else if (name.is("usage"))
      read_top_usage();
    else if (name.is("id"))
      out_.identity.id = spelled();
    else if (name.is("created"))
      out_.identity.created = spelled();
    else if (name.is("model"))
      out_.identity.model = spelled();
    else if (name.is("x_groq"))
      read_groq();
    else if (name.is("error"))
      read_error();
    else if (name.is("object") && in_.kind() == Kind::string)
      read_object();
    else
      in_.skip();
  }

  void read_top_usage() {
    if (auto usage = openai::read_usage(in_)) {
      out_.usage = usage;
      usage_at_top_ = true;
    }
  }

  void read_groq() {
    each_member(in_, [this](const JsonString& member) {
      if (member.is("usage") && !out_.usage)
        out_.usage = openai::read_usage(in_);
      else
        in_.skip();
    });
  }

  // null, "" and false say that there is none; so does {} in a whole answer.
  void read_error() {
    const bool object = in_.kind() == Kind::object;
    const bool says = says_something();
    out_.reports_error = out_.reports_error || says || (object && form_ == AnswerForm::chunk);
  }

  void read_object() {
    JsonString text;
    out_.reports_error = (in_.string(text) && text.is("error")) || out_.reports_error;
  }

  void read_choices() {
    out_.has_choices = in_.kind() == Kind::array;
    no_choices_ = out_.has_choices || in_.kind() == Kind::null;
    std::uint32_t place = 0;
    each_element(in_, [&] {
      no_choices_ = false;
      if (in_.kind() == Kind::object)
        read_choice(place);
      else
        in_.skip();
      ++place;
    });
  }

  void read_choice(std::uint32_t place) {
    AnswerChoice choice;
    choice.index = place;
    const std::size_t first_piece = out_.pieces.size();
    const std::size_t logprobs_before = out_.logprobs.size();
    each_member(in_, [&](const JsonString& name) {
      if (name.is("delta") ? form_ != AnswerForm::whole : name.is("message") && form_ != AnswerForm::chunk)
        choice.says = read_message() || choice.says;
      else if (name.is("text"))
        choice.says = read_text(Piece::text) || choice.says;
      else if (name.is("finish_reason") && in_.kind() == Kind::string)
        read_finish_reason(choice);
      else if (name.is("index") && in_.kind() == Kind::number)
        choice.index = read_index();
      else if (name.is("logprobs"))
        read_logprobs();
      else
        in_.skip();
    });
    for (std::size_t i = first_piece; i < out_.pieces.size(); ++i) out_.pieces[i].choice = choice.index;
    if (choice.index != 0) out_.logprobs.resize(logprobs_before);
    out_.more = out_.more || choice.index != 0 || !out_.choices.empty();
    out_.choices.push_back(choice);
  }

  void read_finish_reason(AnswerChoice& choice) {
    JsonString reason;
    if (in_.string(reason) && reason.raw != "null") choice.finish_reason = reason.raw;  // as some spell "not yet"
  }

  bool read_message() {
    if (in_.kind() != Kind::object) return read_text(Piece::text);
    bool says = false;
    bool reasoned = false;
    each_member(in_, [&](const JsonString& name) {
      bool said = false;
      if (name.is("content")) {
        const bool text = in_.kind() == Kind::string || in_.kind() == Kind::null;
        said = read_text(Piece::text);
        out_.more = out_.more || (said && !text);
      } else if (name.is("role")) {
        out_.role = says_something() || out_.role;
      } else if (name.is("refusal")) {
        said = read_text(Piece::refusal);
        out_.acts = out_.acts || said;
      } else if (name.is("tool_calls")) {
        said = read_tool_calls();
        out_.acts = out_.acts || said;
      } else if (name.is("function_call")) {
        said = read_function(0);
        out_.acts = out_.acts || said;
      } else if ((name.is("reasoning_content") || name.is("reasoning")) && !reasoned) {
        reasoned = in_.kind() == Kind::string;
        said = read_text(Piece::reasoning);
        out_.more = out_.more || said;
      } else {
        const bool counts = !name.is("annotations");
        said = says_something();
        out_.more = out_.more || said;
        said = said && counts;
      }
      says = says || said;
    });
    return says;
  }

  // A text, or a list of parts that hold texts.
  bool read_text(Piece kind, int depth = 0) {
    JsonString text;
    if (in_.kind() == Kind::string) {
      if (in_.string(text)) add(kind, 0, text);
      return !text.raw.empty();
    }
    if (depth >= part_depth_max) return says_something();
    if (in_.kind() != Kind::array) return says_something();
    bool any = false;
    each_element(in_, [&] {
      any = true;
      each_member(in_, [&](const JsonString& name) {
        if (name.is("text"))
          read_text(kind, depth + 1);
        else if (name.is("thinking"))
          read_text(Piece::reasoning, depth + 1);
        else
          in_.skip();
      });
    });
    return any;
  }

  bool read_tool_calls() {
    std::uint32_t place = 0;
    each_element(in_, [&] {
      const std::size_t first_piece = out_.pieces.size();
      std::uint32_t index = place++;
      each_member(in_, [&](const JsonString& name) {
        if (name.is("function"))
          read_function(index);
        else if (name.is("index") && in_.kind() == Kind::number)
          index = read_index();
        else
          in_.skip();
      });
      for (std::size_t i = first_piece; i < out_.pieces.size(); ++i) out_.pieces[i].call = index;
      if (first_piece == out_.pieces.size()) add(Piece::call_arguments, index, {});  // it has begun
    });
    return place > 0;
  }

  bool read_function(std::uint32_t call) {
    bool any = false;
    each_member(in_, [&](const JsonString& name) {
      JsonString text;
      any = true;
      const bool is_text = in_.kind() == Kind::string;
      if (name.is("name") && is_text && in_.string(text))
        add(Piece::call_name, call, text);
      else if (name.is("arguments") && is_text && in_.string(text))
        add(Piece::call_arguments, call, text);
      else
        in_.skip();
    });
    return any;
  }

  void read_logprobs() {
    bool any = false;
    const auto number = [this] {
      std::string_view digits;
      if (in_.kind() != Kind::number) return void(in_.skip());  // null: of a prompt's first token
      if (!in_.number(digits)) return;
      double value = 0;
      std::from_chars(digits.data(), digits.data() + digits.size(), value);
      out_.logprobs.push_back(value);
    };
    each_member(in_, [&](const JsonString& name) {
      any = true;
      if (name.is("content"))
        each_element(in_, [&] {
          each_member(in_, [&](const JsonString& member) { member.is("logprob") ? number() : void(in_.skip()); });
        });
      else if (name.is("token_logprobs"))
        each_element(in_, number);
      else
        in_.skip();
    });
    out_.says_logprobs = out_.says_logprobs || any;
  }

  // A whole number that is not negative; anything else is larger than any that counts.
  std::uint32_t read_index() {
    std::string_view digits;
    if (!in_.number(digits)) return beyond;
    std::uint32_t value = beyond;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return error != std::errc() || end != digits.data() + digits.size() ? beyond : std::min(value, beyond);
  }

  std::string_view spelled() {
    const std::size_t begin = in_.value_offset();
    return in_.skip() ? json_.substr(begin, in_.offset() - begin) : std::string_view();
  }

  // Consumes a value: whether it is a text, list or object that is not empty.
  bool says_something() {
    bool any = false;
    JsonString text;
    switch (in_.kind()) {
      case Kind::string: return in_.string(text) && !text.raw.empty() && text.raw != "null";
      case Kind::array: each_element(in_, [&] { any = in_.skip() || any; }); return any;
      case Kind::object: each_member(in_, [&](const JsonString&) { any = in_.skip() || any; }); return any;
      default: in_.skip(); return false;
    }
  }

  void add(Piece kind, std::uint32_t call, const JsonString& text) { out_.pieces.push_back({kind, 0, call, text}); }

  std::string_view json_;
  JsonReader in_;
  AnswerForm form_;
  AnswerEvent& out_;
  bool usage_at_top_ = false;
  bool no_choices_ = false;  // [] or null
};

}  // namespace

bool read_answer(std::string_view json, AnswerForm form, AnswerEvent& out) {
  out.json = json;
  return AnswerReader(json, form, out).read();
}

void add_to_completion(std::string_view json, Completion& out) {
  AnswerEvent event;
  read_answer(json, AnswerForm::any, event);
  add_to_completion(event, out);
}

Completion read_completion(std::string_view body) {
  Completion out;
  add_to_completion(body, out);
  return out;
}

}  // namespace triage
