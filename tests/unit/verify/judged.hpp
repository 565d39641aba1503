#pragma once
// A request, an answer to it, and what a verifier says to them.

#include "json/json.hpp"
#include "openai/request_body.hpp"
#include "triage/body_padding.hpp"
#include "triage/verifier.hpp"
#include "verify/verifiers.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace triage::verify {

/// One chat request and a completion that answers it.
class Judged {
 public:
  /// `json`: the whole body.
  Judged(std::string json, Completion answer) : body_(std::move(json)), completion(std::move(answer)) {
    const std::size_t size = body_.size();
    body_.append(body_padding, '\0');
    auto parsed = parse_request_body(Api::chat, std::string_view(body_).substr(0, size), 64);
    EXPECT_TRUE(parsed.has_value()) << body_;
    if (parsed) request_ = *parsed;
    view_.emplace(request_);
  }
  Judged(const Judged&) = delete;
  Judged& operator=(const Judged&) = delete;

  [[nodiscard]] Answered answered(bool whole = true) const { return {*view_, completion, whole}; }
  [[nodiscard]] const ChatView& view() const { return *view_; }
  [[nodiscard]] std::string_view body() const { return request_.body; }

 private:
  std::string body_;
  ApiRequest request_;
  std::optional<ChatView> view_;

 public:
  Completion completion;
};

/// A body whose one message is the user's `text`; `more` is put behind the messages, with a comma before it.
inline std::string chat(std::string_view text, std::string_view more = "") {
  std::string out = R"({"model":"auto","messages":[{"role":"user","content":)";
  append_json_string(out, text);
  return out.append("}]").append(more).append("}");
}

inline Completion says(std::string text, std::string finish_reason = "stop") {
  Completion out;
  out.text = std::move(text);
  out.finish_reason = std::move(finish_reason);
  return out;
}

/// What `spec` says to an answer, without anybody being asked.
inline Verdict judge(const VerifierSpec& spec, std::string_view question, Completion answer, std::string_view more = "",
                     bool whole = true) {
  const Judged judged(chat(question, more), std::move(answer));
  return make_verifier(spec)->verdict(judged.answered(whole), {});
}

inline VerifierSpec of_kind(std::string kind) {
  VerifierSpec out;
  out.kind = std::move(kind);
  return out;
}

}  // namespace triage::verify
