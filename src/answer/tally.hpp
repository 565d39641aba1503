#pragma once
// How far an answer has come: which choices have finished and why, and what usage was reported.

#include "answer/output_estimate.hpp"
#include "triage/answer.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace triage {

class AnswerTally {
 public:
  /// Choices have indices below this.
  static constexpr std::size_t choices_max = 1024;
  /// Longer finish reasons are cut.
  static constexpr std::size_t finish_reason_bytes_max = 64;

  /// Adds the next event of a stream. Later usage replaces earlier usage.
  void add(const AnswerEvent& event);
  /// Adds a whole answer. If it reports no usage, its output is estimated.
  void add_whole(const AnswerEvent& event);

  /// Whether every choice that began has said why it finished, so that the answer so far is complete.
  [[nodiscard]] bool complete() const noexcept { return seen_ > 0 && finished_ == seen_; }

  /// The number of choices that have begun.
  [[nodiscard]] std::int64_t choices() const noexcept { return static_cast<std::int64_t>(seen_); }

  [[nodiscard]] const std::optional<Usage>& usage() const noexcept { return usage_; }

  /// The tokens of the output so far, estimated from its text.
  [[nodiscard]] std::int64_t output_estimate() const noexcept { return estimate_.tokens(); }

  /// The last finish reason seen, of any choice; empty before.
  [[nodiscard]] const std::string& finish_reason() const noexcept { return finish_reason_; }

 private:
  enum class Choice : std::uint8_t { unseen, open, finished };
  void note(const AnswerChoice& choice);

  std::vector<Choice> choices_;  // by index
  std::size_t seen_ = 0;
  std::size_t finished_ = 0;
  std::optional<Usage> usage_;
  std::string finish_reason_;
  OutputEstimate estimate_;
};

}  // namespace triage
