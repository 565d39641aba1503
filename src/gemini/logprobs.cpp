#include "gemini/logprobs.hpp"

#include "blocks/member_values.hpp"
#include "gemini/spelling.hpp"

#include <vector>

namespace triage::gemini {
namespace {

struct Token {
  JsonString text;
  std::string_view logprob;
  std::vector<Token> others;  // that might have stood there
};

void read_token(JsonReader& in, Token& out) {
  each_member(in, [&](const JsonString& name) {
    if (name.is("token"))
      out.text = string_of(in);
    else if (name.is("logprob") || is_called(name, "logProbability"))
      out.logprob = triage::read_number(in);
    else if (name.is("top_logprobs"))
      each_element(in, [&] { read_token(in, out.others.emplace_back()); });
    else
      in.skip();
  });
}

std::vector<Token> read_tokens(JsonReader& in) {
  std::vector<Token> out;
  each_element(in, [&] { read_token(in, out.emplace_back()); });
  return out;
}

std::string_view number(const Token& token) {
  return token.logprob.empty() ? "0" : token.logprob;  // what is certain is left out
}

// {"token":"Hi","logprob":-0.1,"bytes":[72,105]
void append_chat(std::string& out, const Token& token) {
  out.append(R"({"token":")").append(token.text.raw).append(R"(","logprob":)").append(number(token));
  out += R"(,"bytes":[)";
  bool first = true;
  for (const char byte : token.text.text()) {
    if (!std::exchange(first, false)) out += ',';
    out += std::to_string(static_cast<unsigned char>(byte));
  }
  out += ']';
}

void append_own(std::string& out, const Token& token) {
  if (out.back() != '[') out += ',';
  out.append(R"({"token":")").append(token.text.raw).append(R"(","logProbability":)").append(number(token)) += '}';
}

}  // namespace

std::string chat_logprobs(std::string_view logprobs_result) {
  std::vector<Token> chosen;
  std::vector<std::vector<Token>> top;
  JsonReader in(logprobs_result);
  each_member(in, [&](const JsonString& name) {
    if (is_called(name, "chosenCandidates"))
      chosen = read_tokens(in);
    else if (is_called(name, "topCandidates"))
      each_element(in, [&] {
        top.emplace_back();
        each_member(in, [&](const JsonString& inner) {
          if (inner.is("candidates"))
            top.back() = read_tokens(in);
          else
            in.skip();
        });
      });
    else
      in.skip();
  });
  std::string out = "[";
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    if (i > 0) out += ',';
    append_chat(out, chosen[i]);
    out += R"(,"top_logprobs":[)";
    bool first = true;
    for (const Token& other : i < top.size() ? top[i] : std::vector<Token>()) {
      if (!std::exchange(first, false)) out += ',';
      append_chat(out, other);
      out += '}';
    }
    out += "]}";
  }
  return out += ']';
}

std::string logprobs_result(std::string_view chat_logprobs) {
  JsonReader in(chat_logprobs);
  const std::vector<Token> tokens = read_tokens(in);
  std::string out = R"({"chosenCandidates":[)";
  for (const Token& token : tokens) append_own(out, token);
  out += R"(],"topCandidates":[)";
  for (const Token& token : tokens) {
    out.append(out.back() == '[' ? "" : ",").append(R"({"candidates":[)");
    for (const Token& other : token.others) append_own(out, other);
    out += "]}";
  }
  return out += "]}";
}

}  // namespace triage::gemini
