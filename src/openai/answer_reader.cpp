// {"id":"c","created":1,"model":"m","choices":[{"index":0,"message":{
//     "role":"assistant","content":"Hello","refusal":null,"reasoning_content":"Hm",
//     "tool_calls":[{"index":0,"id":"call_1","function":{"name":"f","arguments":"{}"}}]},  or "custom":{"name","input"}
//   "logprobs":{"content":[{"token":"Hello","logprob":-0.1}]},"finish_reason":"stop"}],"usage":{...}}
//
// In a chunk `delta` takes the place of `message`, and its texts are the next pieces. A completion has `text` in its
// place, and `token_logprobs` in its `logprobs`. `content` may be a list of parts with `text` or `thinking` (Mistral).
// Moonshot's last chunk has the usage in its choice. Reasoning is in `reasoning_content` or `reasoning`: some servers
// send both, and the first is read. `index` may follow what it is the index of; without it the position in the list
// counts.
#include "openai/answer_reader.hpp"

#include "json/json.hpp"
#include "openai/error_status.hpp"
#include "openai/usage.hpp"

#include <algorithm>
#include <charconv>

namespace triage {
namespace {

using Kind = JsonReader::Kind;
using Piece = AnswerPiece::Kind;

constexpr std::uint32_t beyond = 0xffff;  // for anything but a small index
constexpr int part_depth_max = 3;
constexpr double unknown_logprob = -9999;  // as OpenAI says of what is most unlikely

class AnswerReader {
 public:
  AnswerReader(std::string_view json, AnswerForm form, AnswerEvent& out)
      : json_(json), in_(json), form_(form), out_(out) {}

  bool read() {
    const bool is_object = each_member(in_, [this](const JsonString& name) { read_member(name); });
    out_.only_usage = usage_at_top_ && !any_choice_ && !out_.has_items;
    if (is_error_type_ && !any_choice_) out_.reports_error = true;
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
    else if (name.is("service_tier") && in_.kind() == Kind::string)
      read_service_tier();
    else if (name.is("x_groq"))
      read_groq();
    else if (name.is("error"))
      read_error();
    else if (name.is("object") && in_.kind() == Kind::string)
      read_object();
    else if (name.is("type") && in_.kind() == Kind::string)
      read_type();
    else if (name.is("code") || name.is("status") || name.is("status_code"))
      read_status();
    else if (name.is("data"))
      read_items();
    else
      in_.skip();
  }

  void read_top_usage() {
    usage_at_top_ = in_.kind() == Kind::object;
    if (const auto usage = openai::read_usage(in_, out_.service_tier)) out_.usage = usage;
  }

  void read_service_tier() {
    JsonString tier;
    if (in_.string(tier)) out_.service_tier = tier.raw;
  }

  void read_groq() {
    each_member(in_, [this](const JsonString& member) {
      if (member.is("usage") && !out_.usage)
        out_.usage = openai::read_usage(in_, out_.service_tier);
      else
        in_.skip();
    });
  }

  // null, "", false and {} mean that there is no error.
  void read_error() {
    if (in_.kind() != Kind::object) {
      bool flag = false;
      if (in_.kind() == Kind::boolean)
        in_.boolean(flag);
      else
        flag = says_something();
      out_.reports_error = out_.reports_error || flag;
      return;
    }
    bool any = false;
    each_member(in_, [&](const JsonString& name) {
      any = true;
      if (name.is("code") || name.is("status") || name.is("status_code"))
        read_status();
      else
        in_.skip();
    });
    out_.reports_error = out_.reports_error || any;
  }

  // Reads a number, or a text.
  void read_status() {
    JsonString text;
    std::string_view code;
    if (in_.kind() == Kind::string && in_.string(text))
      code = text.raw;
    else if (in_.kind() == Kind::number)
      in_.number(code);
    else
      in_.skip();
    if (const int status = error_status(code); status != 0) out_.error_status = status;
  }

  // Anthropic's {"type":"error","error":{...}}, and those that copy it.
  void read_type() {
    JsonString text;
    is_error_type_ = in_.string(text) && text.is("error");
  }

  void read_object() {
    JsonString text;
    out_.reports_error = (in_.string(text) && text.is("error")) || out_.reports_error;
  }

  void read_items() {
    out_.has_items = in_.kind() == Kind::array;
    in_.skip();
  }

  void read_choices() {
    out_.has_choices = in_.kind() == Kind::array;
    std::uint32_t place = 0;
    each_element(in_, [&] {
      any_choice_ = true;
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
    const std::size_t first_call = out_.calls.size();
    const std::size_t logprobs_before = out_.logprobs.size();
    const std::size_t usages_before = out_.choice_usage.size();
    each_member(in_, [&](const JsonString& name) {
      if (name.is("delta") ? form_ != AnswerForm::whole : name.is("message") && form_ != AnswerForm::chunk)
        choice.says = read_message(name.is("message"), choice) || choice.says;
      else if (name.is("text"))
        choice.says = read_text(Piece::text) || choice.says;
      else if (name.is("finish_reason") && in_.kind() == Kind::string)
        read_finish_reason(choice);
      else if (name.is("index") && in_.kind() == Kind::number)
        choice.index = read_index();
      else if (name.is("logprobs"))
        read_logprobs();
      else if (name.is("usage"))
        read_choice_usage();
      else
        in_.skip();
    });
    for (std::size_t i = usages_before; i < out_.choice_usage.size(); ++i) out_.choice_usage[i].choice = choice.index;
    for (std::size_t i = first_piece; i < out_.pieces.size(); ++i) out_.pieces[i].choice = choice.index;
    for (std::size_t i = first_call; i < out_.calls.size(); ++i) out_.calls[i].choice = choice.index;
    if (choice.index != 0) out_.logprobs.resize(logprobs_before);
    out_.more = out_.more || choice.index != 0 || !out_.choices.empty();
    out_.choices.push_back(choice);
  }

  void read_choice_usage() {
    if (const auto usage = openai::read_usage(in_, out_.service_tier)) out_.choice_usage.push_back({0, *usage});
  }

  void read_finish_reason(AnswerChoice& choice) {
    JsonString reason;
    if (in_.string(reason) && reason.raw != "null") choice.finish_reason = reason.raw;  // "null": not yet
  }

  bool read_message(bool whole, AnswerChoice& choice) {
    if (in_.kind() != Kind::object) return read_text(Piece::text);
    bool says = false;
    bool reasoned = false;
    each_member(in_, [&](const JsonString& name) {
      bool said = false;
      if (name.is("content")) {
        said = read_content(choice);
      } else if (name.is("role")) {
        out_.role = says_something() || out_.role;
      } else if (name.is("refusal")) {
        said = acted(read_text(Piece::refusal));
      } else if (name.is("tool_calls")) {
        said = acted(read_tool_calls(whole));
      } else if (name.is("function_call")) {
        said = acted(read_function_call());
      } else if ((name.is("reasoning_content") || name.is("reasoning")) && !reasoned) {
        reasoned = in_.kind() == Kind::string;
        said = read_text(Piece::reasoning);
        out_.more = out_.more || said;
      } else {
        const bool counts = !name.is("annotations");
        const bool media = name.is("audio") || name.is("images");
        const std::size_t begin = in_.value_offset();
        said = says_something();
        if (said && !counts && json_.substr(begin, in_.offset() - begin).find("url_citation") != std::string_view::npos)
          out_.cites = true;
        choice.media = choice.media || (media && said);
        out_.more = out_.more || said;
        said = said && counts;
      }
      says = says || said;
    });
    return says;
  }

  bool acted(bool said) {
    out_.acts = out_.acts || said;
    return said;
  }

  bool read_content(AnswerChoice& choice) {
    const bool text = in_.kind() == Kind::string || in_.kind() == Kind::null;
    const bool said = read_text(Piece::text, 0, &choice);
    out_.more = out_.more || (said && !text);
    return said;
  }

  // Reads a text, or a list of parts with texts, or audio and images of `choice`.
  bool read_text(Piece kind, int depth = 0, AnswerChoice* choice = nullptr) {
    JsonString text;
    if (in_.kind() == Kind::string) {
      if (in_.string(text)) add(kind, text);
      return !text.raw.empty();
    }
    if (depth >= part_depth_max || in_.kind() != Kind::array) return says_something();
    bool any = false;
    each_element(in_, [&] {
      any = true;
      each_member(in_, [&](const JsonString& name) {
        if (name.is("text"))
          read_text(kind, depth + 1);
        else if (name.is("thinking"))
          read_text(Piece::reasoning, depth + 1);
        else if (choice != nullptr && (name.is("image_url") || name.is("audio") || name.is("image")))
          choice->media = says_something() || choice->media;
        else
          in_.skip();
      });
    });
    return any;
  }

  bool read_tool_calls(bool whole) {
    bool any = false;
    each_element(in_, [&] {
      any = true;
      const std::size_t at = begin_call();
      out_.calls[at].whole = whole;
      each_member(in_, [&](const JsonString& name) {
        const bool custom = name.is("custom");
        out_.calls[at].custom = out_.calls[at].custom || custom;
        if (custom || name.is("function"))
          read_called(at);
        else if (name.is("id") && in_.kind() == Kind::string)
          in_.string(out_.calls[at].id);
        else if (name.is("index") && in_.kind() == Kind::number)
          out_.calls[at].index = read_index();
        else
          in_.skip();
      });
    });
    return any;
  }

  bool read_function_call() {
    if (in_.kind() != Kind::object) return says_something();
    const std::size_t at = begin_call();
    out_.calls[at].function = true;
    const bool any = read_called(at);
    if (!any) out_.calls.pop_back();
    return any;
  }

  std::size_t begin_call() {
    out_.calls.emplace_back();
    return out_.calls.size() - 1;
  }

  // Arguments given as an object become their JSON text.
  bool read_called(std::size_t at) {
    bool any = false;
    const auto call = static_cast<std::uint32_t>(at);
    each_member(in_, [&](const JsonString& name) {
      JsonString text;
      any = true;
      const bool arguments = name.is("arguments") || name.is("input");
      if (arguments && in_.kind() == Kind::object)
        add(Piece::call_arguments, {spelled(), false}, call);
      else if (in_.kind() != Kind::string || !(arguments || name.is("name")))
        in_.skip();
      else if (in_.string(text) && arguments)
        add(Piece::call_arguments, text, call);
      else
        add(Piece::call_name, out_.calls[at].name = text, call);
    });
    return any;
  }

  void read_logprobs() {
    bool any = false;
    bool first_of_prompt = form_ != AnswerForm::chunk;  // it has none
    const auto number = [&] {
      std::string_view digits;
      double value = unknown_logprob;
      const bool unknown = in_.kind() == Kind::null && !first_of_prompt;
      first_of_prompt = false;
      if (in_.kind() != Kind::number)
        in_.skip();
      else if (in_.number(digits))
        std::from_chars(digits.data(), digits.data() + digits.size(), value);
      if (unknown || !digits.empty()) out_.logprobs.push_back(value);
    };
    each_member(in_, [&](const JsonString& name) {
      any = true;
      if (name.is("content")) {
        first_of_prompt = false;
        each_element(in_, [&] {
          each_member(in_, [&](const JsonString& member) { member.is("logprob") ? number() : void(in_.skip()); });
        });
      } else if (name.is("token_logprobs")) {
        each_element(in_, number);
      } else {
        in_.skip();
      }
    });
    out_.says_logprobs = out_.says_logprobs || any;
  }

  // Reads a non-negative integer; anything else becomes larger than any valid index.
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

  // Consumes a value. Returns whether it is a text, list or object that is not empty.
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

  void add(Piece kind, const JsonString& text, std::uint32_t call = 0) { out_.pieces.push_back({kind, 0, call, text}); }

  std::string_view json_;
  JsonReader in_;
  AnswerForm form_;
  AnswerEvent& out_;
  bool usage_at_top_ = false;
  bool any_choice_ = false;
  bool is_error_type_ = false;
};

}  // namespace

bool read_answer(std::string_view json, AnswerForm form, AnswerEvent& out) {
  out.json = json;
  return AnswerReader(json, form, out).read();
}

}  // namespace triage
