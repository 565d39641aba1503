#pragma once
// How far an answer has come: which choices have finished and why, what it has used.

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

  /// Of a stream: every event in turn. Usage that comes again replaces what came before.
  void add(const AnswerEvent& event);
  /// Of a whole answer. Without usage its output is estimated.
  void add_whole(const AnswerEvent& event);

  /// Every choice that was begun has said why it finished: what came so far is a whole answer.
  [[nodiscard]] bool complete() const noexcept { return seen_ > 0 && finished_ == seen_; }

  /// How many have begun.
  [[nodiscard]] std::int64_t choices() const noexcept { return static_cast<std::int64_t>(seen_); }

  [[nodiscard]] const std::optional<Usage>& usage() const noexcept { return usage_; }

  /// Tokens of the output so far, estimated from its text.
  [[nodiscard]] std::int64_t output_estimate() const noexcept { return estimate_.tokens(); }

  /// The last one seen, of any choice; empty before.
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
