#pragma once
// The `pair` of a record, as read back from any version's journal.

#include <optional>
#include <string>
#include <string_view>

namespace triage::ledger {

struct StoredHalf {
  std::string tier;
  std::string answer;           ///< empty: not recorded
  std::optional<double> score;  ///< 0..1; absent: not compared, or not within these bounds
  std::optional<double> cost_usd;
};

struct StoredPair {
  std::string kind;  ///< ensemble or shadow
  StoredHalf cheap;
  StoredHalf strong;
  std::string given;  ///< cheap or strong: the answer that the client got
};

/// nullopt: there is none, or it lacks an answer.
std::optional<StoredPair> read_pair(std::optional<std::string_view> json);

}  // namespace triage::ledger
