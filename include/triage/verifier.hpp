#pragma once
// A verifier says whether an answer is good enough for the client, or a stronger tier must be asked. To add one: a file
// in src/verify, a line in its list, a test.

#include "triage/chat_view.hpp"
#include "triage/completion.hpp"
#include "triage/question.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace triage {

/// What is judged.
struct Answered {
  const ChatView& request;  ///< the client's own, unchanged
  const Completion& answer;
  bool whole = true;  ///< false: only the beginning of an answer, which is not faulted for lacking its end
};

struct Verdict {
  bool accept = false;
  std::optional<double> score;  ///< 0 (surely wrong) .. 1, if the verifier gives one
  std::string reason;           ///< for logs and people: what is wrong, or why it is good enough
};

/// What a verifier wants changed in the call whose answer it will judge. The client never sees these changes.
struct CallChanges {
  std::string instruction;  ///< added after the request's last system message; empty: nothing
  bool logprobs = false;    ///< asks for log-probabilities, and strips them unless the client asked too
};

class Verifier {
 public:
  virtual ~Verifier() = default;
  [[nodiscard]] virtual std::string_view kind() const noexcept = 0;

  /// Called before the call is made.
  virtual void prepare(CallChanges& /*changes*/) const {}

  /// How many bytes at the end of the answer's text are not meant for the client.
  [[nodiscard]] virtual std::size_t not_for_client(const Completion& /*answer*/) const { return 0; }

  /// What must be asked before the verdict; nullopt: nothing.
  [[nodiscard]] virtual std::optional<Question> question(const Answered& /*answered*/) const { return std::nullopt; }

  /// What must be asked next, once question() had `result`; nullopt: nothing. No third question follows.
  [[nodiscard]] virtual std::optional<Question> follow_up(const Answered& /*answered*/,
                                                          const QuestionResult& /*result*/) const {
    return std::nullopt;
  }

  /// Pure. `result` is that of the last question, if anything was asked.
  [[nodiscard]] virtual Verdict verdict(const Answered& answered, const QuestionResult& result) const = 0;
};

/// The verification of one answer, step by step. Sans I/O; belongs to one request and one thread.
class Verification {
 public:
  virtual ~Verification() = default;
  /// Takes nothing in the first call, then the result of the question it returned. Returns a Question, to be asked
  /// before the next call, or a Verdict, which ends the verification.
  virtual std::variant<Question, Verdict> next(const QuestionResult& result) = 0;
};

/// A route's verifiers, combined. Immutable and thread-safe.
class VerifierTree {
 public:
  virtual ~VerifierTree() = default;
  /// Called before the call is made: collects the changes that any of the verifiers wants.
  virtual void prepare(CallChanges& changes) const = 0;
  /// How many bytes at the end of the answer's text are not meant for the client.
  [[nodiscard]] virtual std::size_t not_for_client(const Completion& answer) const = 0;
  /// Verifiers judge the answer without those bytes, except for the one that asked for them. This tree and the request
  /// and answer in `answered` must outlive the result.
  [[nodiscard]] virtual std::unique_ptr<Verification> start(const Answered& answered) const = 0;
};

}  // namespace triage
