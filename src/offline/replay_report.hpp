#pragma once
// What a replay found, for people and for programs, and whether it meets what a CI requires.

#include "offline/replay.hpp"

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace triage::offline {

inline constexpr const char* cannot_be_told = "cannot be told from these logs";

/// A bound, absolute or as a multiple of what it is for OLD.
struct ReplayBound {
  std::string written;
  double value = 0;
  bool relative = false;
};

/// Whether a bound is kept. `unknown`: the log does not say so surely.
enum class Kept : std::uint8_t { yes, no, unknown };
struct GateResult {
  Kept kept = Kept::unknown;
  std::string text;  ///< a sentence
};

struct ReplayFound {
  std::string route;
  std::string before;  ///< files
  std::string after;
  std::string ledger;
  std::size_t requests = 0;
  std::size_t same = 0;
  std::size_t undecided = 0;
  std::map<std::pair<std::string, std::string>, std::size_t> moves;
  std::int64_t first_unix_ms = 0;
  std::int64_t last_unix_ms = 0;
  std::vector<std::string> notes;
  ReplayMeasure cost;
  std::vector<ReplayMeasure> quality;  ///< as replay_quality() returns them
  std::size_t main = 0;                ///< of quality: the one that counts
  std::optional<GateResult> cost_gate;
  std::optional<GateResult> quality_gate;
};

/// The measure of quality that counts: grades before feedback before pairs, the first of them that tells something; the
/// automatic signals only if nobody said anything. `quality` must not be empty.
std::size_t main_quality(const std::vector<ReplayMeasure>& quality);

GateResult gate_max_cost(const ReplayMeasure& cost, const ReplayBound& bound);
GateResult gate_min_quality(const ReplayMeasure& quality, const ReplayBound& bound);

std::string replay_text(const ReplayFound& found);
/// Shares and qualities are 0..1, money is USD a request; null: cannot be told.
nlohmann::ordered_json replay_json(const ReplayFound& found);

}  // namespace triage::offline
