#include "simulate/events.hpp"

#include "base/text.hpp"
#include "json/json.hpp"

// chat:        role of each choice, tokens of the choices in turn, finish of each choice, [usage], [DONE]
// completion:  [echo of each choice], tokens, finish, [usage], [DONE]
// A tool call begins with an event that has its id and name; its arguments follow token by token.

namespace triage::simulate {

AnswerEvents::AnswerEvents(const ReplyHead& head, const Answer& answer, bool include_usage, bool done)
    : head_(head),
      answer_(answer),
      include_usage_(include_usage),
      done_(done),
      cursors_(answer.choices.size()),
      phase_(head.api == Api::chat ? Phase::role : Phase::echo) {
  prefix_ = "data: {";
  append_identity(prefix_, head, head.api == Api::chat ? "chat.completion.chunk" : "text_completion");
  prefix_ += R"("choices":[)";
}

void AnswerEvents::open(std::string& out) const {
  out += prefix_;
}

void AnswerEvents::close(std::string& out) const {
  out += include_usage_ && head_.usage ? "],\"usage\":null}\n\n" : "]}\n\n";
}

bool AnswerEvents::next(std::string& out) {
  const std::size_t count = answer_.choices.size();
  for (;;) {
    const std::size_t index = index_;
    switch (phase_) {
      case Phase::role:
      case Phase::finish:
        if (index_ < count) {
          ++index_;
          phase_ == Phase::role ? write_role(out, index) : write_finish(out, index);
          return true;
        }
        index_ = 0;
        phase_ = phase_ == Phase::role ? Phase::tokens : Phase::usage;
        break;
      case Phase::echo:
        if (index_ < count) {
          ++index_;
          if (answer_.choices[index].echo.empty()) break;
          write_echo(out, index);
          return true;
        }
        index_ = 0;
        phase_ = Phase::tokens;
        break;
      case Phase::tokens:
        if (next_token(out)) return true;
        index_ = 0;
        phase_ = Phase::finish;
        break;
      case Phase::usage:
        phase_ = Phase::done;
        if (!include_usage_ || !head_.usage) break;
        write_usage(out);
        usage_given_ = true;
        return true;
      case Phase::done:
        phase_ = Phase::end;
        if (!done_) break;
        out += "data: [DONE]\n\n";
        return true;
      case Phase::end: return false;
    }
  }
}

bool AnswerEvents::exhausted(std::size_t index) const noexcept {
  const Choice& choice = answer_.choices[index];
  const Cursor& cursor = cursors_[index];
  return choice.calls.empty() ? cursor.token >= choice.ends.size() : cursor.call >= choice.calls.size();
}

bool AnswerEvents::next_token(std::string& out) {
  const std::size_t count = answer_.choices.size();
  for (std::size_t tried = 0; tried < count; ++tried) {
    const std::size_t index = index_;
    index_ = (index_ + 1) % count;
    if (exhausted(index)) continue;
    if (answer_.choices[index].calls.empty()) {
      write_text(out, index, cursors_[index]);
    } else {
      write_call(out, index, cursors_[index]);
    }
    return true;
  }
  return false;
}

void AnswerEvents::write_role(std::string& out, std::size_t index) const {
  open(out);
  out += R"({"index":)";
  append_number(out, index);
  out += answer_.choices[index].calls.empty() && !answer_.choices[index].refusal
             ? R"(,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null})"
             : R"(,"delta":{"role":"assistant","content":null},"logprobs":null,"finish_reason":null})";
  close(out);
}

void AnswerEvents::write_echo(std::string& out, std::size_t index) const {
  open(out);
  out += R"({"text":)";
  append_json_string(out, answer_.choices[index].echo);
  out += R"(,"index":)";
  append_number(out, index);
  out += R"(,"logprobs":null,"finish_reason":null})";
  close(out);
}

void AnswerEvents::write_text(std::string& out, std::size_t index, Cursor& cursor) {
  const Choice& choice = answer_.choices[index];
  const std::size_t token = cursor.token++;
  const std::size_t begin = token == 0 ? 0 : choice.ends[token - 1];
  const std::string_view text = std::string_view(choice.text).substr(begin, choice.ends[token] - begin);
  ++sent_;
  open(out);
  if (head_.api == Api::chat) {
    out += R"({"index":)";
    append_number(out, index);
    out += choice.refusal ? R"(,"delta":{"refusal":)" : R"(,"delta":{"content":)";
    append_json_string(out, text);
    out += '}';
  } else {
    out += R"({"text":)";
    append_json_string(out, text);
    out += R"(,"index":)";
    append_number(out, index);
  }
  out += R"(,"logprobs":)";
  if (head_.logprobs) {
    append_logprobs(out, head_, choice, token, token + 1);
  } else {
    out += "null";
  }
  out += R"(,"finish_reason":null})";
  close(out);
}

void AnswerEvents::write_call(std::string& out, std::size_t index, Cursor& cursor) {
  const ToolCall& call = answer_.choices[index].calls[cursor.call];
  open(out);
  out += R"({"index":)";
  append_number(out, index);
  out += R"(,"delta":{"tool_calls":[{"index":)";
  append_number(out, cursor.call);
  if (!cursor.named) {
    cursor.named = true;
    sent_ += call.name_tokens;
    out.append(R"(,"id":")").append(call.id).append(R"(","type":"function","function":{"name":)");
    append_json_string(out, call.name);
    out += R"(,"arguments":""}}]})";
  } else {
    const std::size_t begin = cursor.token == 0 ? 0 : call.ends[cursor.token - 1];
    out += R"(,"function":{"arguments":)";
    append_json_string(out, std::string_view(call.arguments).substr(begin, call.ends[cursor.token] - begin));
    out += "}}]}";
    ++cursor.token;
    ++sent_;
  }
  out += R"(,"logprobs":null,"finish_reason":null})";
  close(out);
  if (cursor.token >= call.ends.size()) {
    ++cursor.call;
    cursor.token = 0;
    cursor.named = false;
  }
}

void AnswerEvents::write_finish(std::string& out, std::size_t index) const {
  open(out);
  if (head_.api == Api::chat) {
    out += R"({"index":)";
    append_number(out, index);
    out += R"(,"delta":{})";
  } else {
    out += R"({"text":"","index":)";
    append_number(out, index);
  }
  out.append(R"(,"logprobs":null,"finish_reason":")").append(finish_name(answer_.choices[index].finish)).append("\"}");
  close(out);
}

void AnswerEvents::write_usage(std::string& out) const {
  open(out);
  out += R"(],"usage":)";
  append_usage(out, answer_.usage);
  out += "}\n\n";
}

std::size_t AnswerEvents::event_overhead() const {
  std::string event;
  Answer one;
  one.choices.emplace_back();
  one.choices.back().text += 'x';
  one.choices.back().ends.push_back(1);
  AnswerEvents events(head_, one, include_usage_, false);
  Cursor cursor;
  events.write_text(event, 0, cursor);
  return event.size() - 1;
}

}  // namespace triage::simulate
