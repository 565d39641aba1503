#pragma once
// A request, an answer to it, and a judge that is scripted.

#include "json/json.hpp"
#include "judge/judging.hpp"
#include "openai/request_body.hpp"
#include "triage/body_padding.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace triage::judge {

inline Completion says(std::string text, std::string finish_reason = "stop") {
  Completion out;
  out.text = std::move(text);
  out.finish_reason = std::move(finish_reason);
  return out;
}

/// The sample of a whole body.
inline Sample sample_from(std::string body, Completion answer) {
  const std::size_t size = body.size();
  body.append(body_padding, '\0');
  const auto parsed = parse_request_body(Api::chat, std::string_view(body).substr(0, size), 64);
  EXPECT_TRUE(parsed) << body;
  if (!parsed) return {};
  return sample_of(ChatView(*parsed), answer);
}

/// A sample of one question and its answer.
inline Sample sample(std::string_view question, std::string_view answer) {
  std::string body = R"({"model":"auto","messages":[{"role":"user","content":)";
  append_json_string(body, question);
  return sample_from(body += "}]}", says(std::string(answer)));
}

/// What a judge is shown, taken apart.
struct Shown {
  nlohmann::json body;
  std::string system;
  std::string user;
  std::string marker;  ///< the first line
  std::string line;    ///< the line of JSON

  explicit Shown(const Question& question) {
    body = nlohmann::json::parse(std::get<ChatQuestion>(question).body);
    system = body["messages"][0]["content"];
    user = body["messages"][1]["content"];
    marker = user.substr(0, user.find('\n'));
    line = user.substr(marker.size() + 1);
    line = line.substr(0, line.find('\n'));
  }
  [[nodiscard]] nlohmann::json material() const { return nlohmann::json::parse(line); }
  /// That the reply must repeat.
  [[nodiscard]] std::string nonce() const {
    constexpr std::string_view before = "{\"nonce\": \"";
    const std::size_t at = system.rfind(before) + before.size();
    return system.substr(at, system.find('"', at) - at);
  }
};

inline std::string reply(const std::string& nonce, const nlohmann::json& score, const char* name = "score") {
  return nlohmann::json{{"nonce", nonce}, {"reason", "because"}, {name, score}}.dump();
}

/// How a judge that replies with script(shown) grades, and how often it was asked.
struct Asked {
  Judgement judgement;
  int questions = 0;
};
inline Asked judged(const JudgeSpec& spec, const Sample& sample, const Completion* other,
                    const std::function<std::string(const Shown&)>& script) {
  Judging judging(spec, sample, other, random_nonces);
  Asked out;
  QuestionResult result;
  for (;;) {
    auto next = judging.next(result);
    if (auto* done = std::get_if<Judgement>(&next)) {
      out.judgement = std::move(*done);
      return out;
    }
    ++out.questions;
    EXPECT_LE(out.questions, 4);
    result = says(script(Shown(std::get<Question>(next))));
  }
}

inline JudgeSpec judge_spec(JudgeMode mode = JudgeMode::pointwise) {
  JudgeSpec out;
  out.deployment = "frontier";
  out.mode = mode;
  return out;
}

}  // namespace triage::judge
