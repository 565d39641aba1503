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
  static constexpr std::size_t service_tier_bytes_max = 32;

  /// Adds the next event of a stream.
  void add(const AnswerEvent& event);
  /// Adds a whole answer. If it does not report its output, that is estimated.
  void add_whole(const AnswerEvent& event);

  /// Whether every choice that began has said why it finished, so that the answer so far is complete.
  [[nodiscard]] bool complete() const noexcept { return seen_ > 0 && finished_ == seen_; }

  /// The number of choices that have begun.
  [[nodiscard]] std::int64_t choices() const noexcept { return static_cast<std::int64_t>(seen_); }

  /// All usage that the provider has reported so far, as one report; nullopt: none.
  [[nodiscard]] std::optional<UsageReport> reported() const;
  /// The same as token counts.
  [[nodiscard]] std::optional<Usage> usage() const;

  /// The last service tier that the provider named; empty: none.
  [[nodiscard]] const std::string& service_tier() const noexcept { return service_tier_; }
  /// Whether a text cites pages of the web.
  [[nodiscard]] bool cites() const noexcept { return cites_; }

  /// The tokens of the output so far, estimated from its text.
  [[nodiscard]] std::int64_t output_estimate() const noexcept { return estimate_.tokens(); }

  /// The last finish reason seen, of any choice; empty before.
  [[nodiscard]] const std::string& finish_reason() const noexcept { return finish_reason_; }

 private:
  enum class Choice : std::uint8_t { unseen, open, finished };
  void note(const AnswerChoice& choice);
  void note_bill(const AnswerEvent& event);

  std::vector<Choice> choices_;  // by index
  std::size_t seen_ = 0;
  std::size_t finished_ = 0;
  std::optional<UsageReport> reported_;
  std::vector<ChoiceUsage> of_choices_;  // each once
  std::string finish_reason_;
  std::string service_tier_;
  bool cites_ = false;
  OutputEstimate estimate_;
};

}  // namespace triage
