#pragma once
// `triage report`: what requests cost and how they went, from the database's sums and, for what they lack yet, from the
// journal itself.

#include "ledger/rollup.hpp"
#include "ledger/slo.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace triage::ledger {

enum class GroupBy : std::uint8_t { nothing, route, tier, deployment, key, model, day };
inline constexpr std::array<std::string_view, 7> group_names{"", "route", "tier", "deployment", "key", "model", "day"};

struct ReportOptions {
  std::string folder;
  std::int64_t since_unix_s = 0;  ///< rounded down: to the minute, or to the hour if it is more than 47 hours ago
  std::int64_t now_unix_s = 0;
  GroupBy by = GroupBy::nothing;
};

struct ReportGroup {
  Sums sums;
  std::map<std::string, std::int64_t, std::less<>> outcomes;  ///< requests
  std::map<std::string, std::int64_t, std::less<>> tiers;     ///< requests, by the tier that answered
  void add(const RollupNames& names, const Sums& more);
};

struct Report {
  std::int64_t since_unix_s = 0;  ///< as rounded
  std::int64_t until_unix_s = 0;
  GroupBy by = GroupBy::nothing;
  ReportGroup total;
  std::map<std::string, ReportGroup, std::less<>> groups;  ///< by name; "" for null
  std::uint64_t from_journal = 0;  ///< records that the database lacks yet, which are counted too
  bool beside_gateway = false;     ///< the records of the last fraction of a second may be missing
  std::vector<SloStanding> slo;    ///< what is promised; for the caller to fill in
  std::string database_problem;    ///< why everything was read from the journal; empty: it was not
};

Report make_report(const ReportOptions& options);

/// At most 100 columns wide, ending in a line break.
std::string report_table(const Report& report);
/// One JSON object. A sum that includes an unknown cost is null.
std::string report_json(const Report& report);

/// USD: "12.3400", from a hundred on "1,204.50"; followed by " + 3 unknown" if there are unknown costs.
std::string money_text(std::int64_t nano_usd, std::int64_t unknown);

}  // namespace triage::ledger
