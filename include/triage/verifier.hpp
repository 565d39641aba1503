#pragma once
// A verifier says whether an answer is good enough for the client, or a stronger tier is to be asked. Adding one: a
// file in src/verify, a line in its list, a test.

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
  const ChatView& request;  ///< the client's, as it came
  const Completion& answer;
  bool whole = true;  ///< false: the beginning of an answer; what only a whole one can be is not held against it
};

struct Verdict {
  bool accept = false;
  std::optional<double> score;  ///< 0 (surely wrong) .. 1, if it has one
  std::string reason;           ///< for logs and people: what is wrong, or why it is good enough
};

/// What a verifier wants changed in the call whose answer it will judge. The client sees none of it.
struct CallChanges {
  std::string instruction;  ///< added behind the request's last system message; empty: nothing
  bool logprobs = false;    ///< asked for, and cut from the answer if the client did not ask
};

class Verifier {
 public:
  virtual ~Verifier() = default;
  [[nodiscard]] virtual std::string_view kind() const noexcept = 0;

  /// Before the call.
  virtual void prepare(CallChanges& /*changes*/) const {}

  /// How many bytes at the end of the answer's text are not for the client.
  [[nodiscard]] virtual std::size_t not_for_client(const Completion& /*answer*/) const { return 0; }

  /// What must be asked before it can tell; nullopt: nothing.
  [[nodiscard]] virtual std::optional<Question> question(const Answered& /*answered*/) const { return std::nullopt; }

  /// Pure. `result`: what came back to question(), if that asked anything.
  [[nodiscard]] virtual Verdict verdict(const Answered& answered, const QuestionResult& result) const = 0;
};

/// One answer's verification, step by step. Sans I/O; of one request and one thread.
class Verification {
 public:
  virtual ~Verification() = default;
  /// The first call: nothing. Afterwards what came back to the question. A Question: ask it and call again. A Verdict:
  /// done.
  virtual std::variant<Question, Verdict> next(const QuestionResult& result) = 0;
};

/// A route's verifiers, combined. Immutable, used by all threads at once.
class VerifierTree {
 public:
  virtual ~VerifierTree() = default;
  /// Before the call: what any of them wants changed.
  virtual void prepare(CallChanges& changes) const = 0;
  /// How many bytes at the end of the answer's text are not for the client.
  [[nodiscard]] virtual std::size_t not_for_client(const Completion& answer) const = 0;
  /// Verifiers judge the answer without those bytes, but for the one that had them put there. This tree, `answered`'s
  /// request and answer must outlive the result.
  [[nodiscard]] virtual std::unique_ptr<Verification> start(const Answered& answered) const = 0;
};

}  // namespace triage
