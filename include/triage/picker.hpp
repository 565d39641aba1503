#pragma once
// A picker says which of two answers to the same request is better (docs/ensemble.md). To add one: a file in
// src/verify, a line in its list, a test.

#include "triage/chat_view.hpp"
#include "triage/completion.hpp"
#include "triage/question.hpp"

#include <memory>
#include <optional>
#include <string>
#include <variant>

namespace triage {

/// What is compared: two whole answers.
struct AnswerPair {
  const ChatView& request;  ///< the client's own, unchanged
  const Completion& cheap;
  const Completion& strong;
};

struct Pick {
  bool strong = true;  ///< also true when neither is better, or that cannot be told
  std::optional<double> cheap_score;
  std::optional<double> strong_score;  ///< both 0 (surely wrong) .. 1, or both absent
  std::string reason;                  ///< for logs and people
};

/// One comparison, step by step. Sans I/O; belongs to one request and one thread.
class Picking {
 public:
  virtual ~Picking() = default;
  /// Takes nothing in the first call, then the result of the question it returned. Returns a Question, to be asked
  /// before the next call, or a Pick, which ends the comparison.
  virtual std::variant<Question, Pick> next(const QuestionResult& result) = 0;
};

/// Immutable and thread-safe.
class Picker {
 public:
  virtual ~Picker() = default;
  /// The picker and everything `pair` refers to must outlive the result.
  [[nodiscard]] virtual std::unique_ptr<Picking> start(const AnswerPair& pair) const = 0;
};

}  // namespace triage
