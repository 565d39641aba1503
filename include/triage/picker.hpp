#pragma once
// A picker says which of two answers to the same request is better (docs/ensemble.md). Adding one: a file in
// src/verify, a line in its list, a test.

#include "triage/chat_view.hpp"
#include "triage/completion.hpp"
#include "triage/question.hpp"

#include <memory>
#include <optional>
#include <string>
#include <variant>

namespace triage {

/// What is compared: whole answers.
struct AnswerPair {
  const ChatView& request;  ///< the client's, as it came
  const Completion& cheap;
  const Completion& strong;
};

struct Pick {
  bool strong = true;  ///< also when neither is better, or nobody can tell
  std::optional<double> cheap_score;
  std::optional<double> strong_score;  ///< both 0 (surely wrong) .. 1, or neither
  std::string reason;                  ///< for logs and people
};

/// One comparison, step by step. Sans I/O; of one request and one thread.
class Picking {
 public:
  virtual ~Picking() = default;
  /// The first call: nothing. Afterwards what came back to the question. A Question: ask it and call again. A Pick:
  /// done.
  virtual std::variant<Question, Pick> next(const QuestionResult& result) = 0;
};

/// Immutable, used by all threads at once.
class Picker {
 public:
  virtual ~Picker() = default;
  /// This and all that `pair` refers to must outlive the result.
  [[nodiscard]] virtual std::unique_ptr<Picking> start(const AnswerPair& pair) const = 0;
};

}  // namespace triage
