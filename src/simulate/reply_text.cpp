#include "simulate/reply_text.hpp"

#include "base/text.hpp"
#include "json/json.hpp"

// {"id","object","created","model",["service_tier","system_fingerprint",] "choices":[...], "usage":{...}}
// chat choice: {"index","message":{"role","content","refusal","annotations"["tool_calls"]},"logprobs","finish_reason"}
// completion choice:  {"text","index","logprobs","finish_reason"}

namespace triage::simulate {

namespace {

std::string_view token_text(const Choice& choice, std::size_t index) {
  const std::size_t begin = index == 0 ? 0 : choice.ends[index - 1];
  return std::string_view(choice.text).substr(begin, choice.ends[index] - begin);
}

void append_bytes(std::string& out, std::string_view text) {
  out += R"(,"bytes":[)";
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i > 0) out += ',';
    append_number(out, static_cast<unsigned>(static_cast<unsigned char>(text[i])));
  }
  out += ']';
}

void append_candidate(std::string& out, std::string_view text, double logprob) {
  out += R"({"token":)";
  append_json_string(out, text);
  out += R"(,"logprob":)";
  append_number(out, logprob);
  append_bytes(out, text);
}

void append_chat_logprobs(std::string& out, const ReplyHead& head, const Choice& choice, std::size_t first,
                          std::size_t last) {
  out += choice.refusal ? R"({"content":null,"refusal":[)" : R"({"content":[)";
  for (std::size_t i = first; i < last; ++i) {
    if (i > first) out += ',';
    append_candidate(out, token_text(choice, i), logprob_of(choice, i, 0));
    out += R"(,"top_logprobs":[)";
    for (std::size_t k = 0; k < head.top_logprobs; ++k) {
      if (k > 0) out += ',';
      append_candidate(out, k == 0 ? token_text(choice, i) : alternative_text(k), logprob_of(choice, i, k));
      out += '}';
    }
    out += "]}";
  }
  out += choice.refusal ? "]}" : R"(],"refusal":null})";
}

void append_completion_logprobs(std::string& out, const ReplyHead& head, const Choice& choice, std::size_t first,
                                std::size_t last) {
  const auto list = [&](std::string_view name, auto append_one) {
    out.append(name);
    for (std::size_t i = first; i < last; ++i) {
      if (i > first) out += ',';
      append_one(i);
    }
    out += ']';
  };
  list(R"({"tokens":[)", [&](std::size_t i) { append_json_string(out, token_text(choice, i)); });
  list(R"(,"token_logprobs":[)", [&](std::size_t i) { append_number(out, logprob_of(choice, i, 0)); });
  list(R"(,"top_logprobs":[)", [&](std::size_t i) {
    out += '{';
    for (std::size_t k = 0; k < head.top_logprobs; ++k) {
      if (k > 0) out += ',';
      append_json_string(out, k == 0 ? token_text(choice, i) : alternative_text(k));
      out += ':';
      append_number(out, logprob_of(choice, i, k));
    }
    out += '}';
  });
  list(R"(,"text_offset":[)",
       [&](std::size_t i) { append_number(out, choice.echo.size() + (i == 0 ? 0 : choice.ends[i - 1])); });
  out += '}';
}

void append_message(std::string& out, const Choice& choice) {
  out += R"({"role":"assistant","content":)";
  if (choice.refusal || !choice.calls.empty()) {
    out += "null";
  } else {
    append_json_string(out, choice.text);
  }
  if (!choice.calls.empty()) {
    out += R"(,"tool_calls":[)";
    for (std::size_t i = 0; i < choice.calls.size(); ++i) {
      const ToolCall& call = choice.calls[i];
      if (i > 0) out += ',';
      out.append(R"({"id":")").append(call.id).append(R"(","type":"function","function":{"name":)");
      append_json_string(out, call.name);
      out += R"(,"arguments":)";
      append_json_string(out, call.arguments);
      out += "}}";
    }
    out += ']';
  }
  out += R"(,"refusal":)";
  if (choice.refusal) {
    append_json_string(out, choice.text);
  } else {
    out += "null";
  }
  out += R"(,"annotations":[]})";
}

void append_choice(std::string& out, const ReplyHead& head, const Choice& choice, std::size_t index) {
  if (head.api == Api::chat) {
    out += R"({"index":)";
    append_number(out, index);
    out += R"(,"message":)";
    append_message(out, choice);
  } else {
    out += R"({"text":")";
    append_json_escaped(out, choice.echo);
    append_json_escaped(out, choice.text);
    out += R"(","index":)";
    append_number(out, index);
  }
  out += R"(,"logprobs":)";
  if (head.logprobs && choice.calls.empty()) {
    append_logprobs(out, head, choice, 0, choice.ends.size());
  } else {
    out += "null";
  }
  out.append(R"(,"finish_reason":")").append(finish_name(choice.finish)).append("\"}");
}

}  // namespace

void append_usage(std::string& out, const Usage& usage) {
  out += R"({"prompt_tokens":)";
  append_number(out, usage.prompt);
  out += R"(,"completion_tokens":)";
  append_number(out, usage.completion);
  out += R"(,"total_tokens":)";
  append_number(out, std::uint64_t{usage.prompt} + usage.completion);
  out += R"(,"prompt_tokens_details":{"cached_tokens":)";
  append_number(out, usage.cached);
  out += R"(,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":)";
  append_number(out, usage.reasoning);
  out += R"(,"audio_tokens":0,)"
         R"("accepted_prediction_tokens":0,"rejected_prediction_tokens":0}})";
}

void append_identity(std::string& out, const ReplyHead& head, std::string_view object) {
  out.append(R"("id":")").append(head.id).append(R"(","object":")").append(object).append(R"(","created":)");
  append_number(out, created);
  out += R"(,"model":)";
  append_json_string(out, head.model);
  out += head.api == Api::chat ? R"(,"service_tier":"default","system_fingerprint":"fp_simulated",)" : ",";
}

void append_logprobs(std::string& out, const ReplyHead& head, const Choice& choice, std::size_t first,
                     std::size_t last) {
  if (head.api == Api::chat) return append_chat_logprobs(out, head, choice, first, last);
  append_completion_logprobs(out, head, choice, first, last);
}

std::string reply_text(const ReplyHead& head, const Answer& answer) {
  std::string out;
  std::size_t expected = 512;
  for (const Choice& choice : answer.choices) expected += 256 + choice.echo.size() + choice.text.size();
  out.reserve(expected + expected / 8);
  out += '{';
  append_identity(out, head, head.api == Api::chat ? "chat.completion" : "text_completion");
  out += R"("choices":[)";
  for (std::size_t i = 0; i < answer.choices.size(); ++i) {
    if (i > 0) out += ',';
    append_choice(out, head, answer.choices[i], i);
  }
  out += ']';
  if (head.usage) {
    out += R"(,"usage":)";
    append_usage(out, answer.usage);
  }
  out += '}';
  return out;
}

}  // namespace triage::simulate
