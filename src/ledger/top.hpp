#pragma once
// `triage top`: whose requests to providers cost most, and how good the answers were that the money bought. Read from
// the journal, in one pass.

#include "ledger/report.hpp"
#include "triage/quality_signal.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace triage::ledger {

struct TopOptions {
  std::string folder;
  std::int64_t since_unix_ms = 0;
  std::vector<GroupBy> by;  ///< of route, key, deployment
  std::size_t rows_max = 10;
};

/// The mean of a signal; without values none.
struct SignalMean {
  double sum = 0;
  std::uint64_t values = 0;
  [[nodiscard]] double mean() const noexcept { return values == 0 ? 0 : sum / static_cast<double>(values); }
};

struct TopGroup {
  ReportGroup cost;
  std::array<SignalMean, words<QualitySignal>.size()> quality;  ///< by QualitySignal
};

struct Top {
  std::int64_t since_unix_ms = 0;
  TopGroup total;
  struct Ranking {
    GroupBy by = GroupBy::route;
    std::vector<std::pair<std::string, TopGroup>> rows;  ///< the dearest first; "" for null
    std::size_t left_out = 0;                            ///< cheaper ones, beyond rows_max
  };
  std::vector<Ranking> rankings;
  std::uint64_t damaged = 0;
  bool beside_gateway = false;
};

/// Throws if the ledger cannot be read. Of feedback for one request the last line counts; of feedback and grades for
/// requests from before, only to the route and key that they name.
Top make_top(const TopOptions& options);

/// At most 100 columns wide.
std::string top_table(const Top& top);
/// One JSON object. A sum that includes an unknown cost is null.
std::string top_json(const Top& top);

}  // namespace triage::ledger
