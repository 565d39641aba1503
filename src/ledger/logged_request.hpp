#pragma once
// A request as the ledger tells of it, with what was learned of its quality later: for `triage replay` and for the
// watch for drift.

#include "ledger/stored_pair.hpp"
#include "ledger/stored_record.hpp"
#include "triage/usage.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace triage::ledger {

/// What a router of the chain said.
struct LoggedOpinion {
  std::string router;
  std::string tier;  ///< before floor and ceiling; empty: none
  std::string reason;
  std::string model;  ///< the version of the model that gave the score; empty: none did
  std::optional<double> score;
  std::optional<double> threshold;
};

struct LoggedAttempt {
  std::string purpose;
  std::string deployment;
  std::string tier;
  Usage tokens;
  bool own_price = true;  ///< false: the cost does not follow from tokens and price alone
  std::optional<std::int64_t> cost_nano_usd;
};

struct LoggedExperiment {
  std::string name;
  std::string version;
  std::string arm;
  std::string unit;
  double share = 0;
};

struct LoggedRequest {
  std::string id;
  std::int64_t time_unix_ms = 0;
  std::string key;
  std::string route;
  std::string config_version;
  std::string model_requested;
  std::string path;
  std::vector<LoggedOpinion> chain;
  std::string tier;  ///< that answered, or was asked last
  std::vector<LoggedAttempt> attempts;
  std::string outcome;
  std::optional<std::int64_t> cost_nano_usd;
  std::optional<bool> refusal, truncated, schema_failure;
  bool streamed = false;
  bool escalated = false;
  std::optional<LoggedExperiment> experiment;
  std::optional<StoredPair> pair;
  std::string shadow_of;
  std::string prompt;     ///< JSON, as the client sent it, or redacted; empty: not recorded as text, or not all of it
  bool redacted = false;  ///< the prompt

  /// The attempt that the chain's decision led to first; null: none was made.
  [[nodiscard]] const LoggedAttempt* first_answer() const noexcept;
};

/// Without its prompt, which only read_logged() reads.
LoggedRequest logged_request(const StoredRecord& record);

/// What was said of an answer later.
struct LoggedQuality {
  enum class Source : std::uint8_t { grade, feedback, task };
  std::string id;  ///< the request's
  std::string route;
  Source source = Source::grade;
  std::string grader;                         ///< of a grade
  double value = 0;                           ///< 0..1, 1 is best
  std::optional<std::int64_t> cost_nano_usd;  ///< of a grade
};

struct LoggedRead {
  std::uint64_t damaged = 0;  ///< lines that were passed over
  bool beside_gateway = false;
};

/// Visits the requests of `route` (all, if it is empty) that came since then, shadows too, and what was said of any
/// request later, in the order of the journal.
LoggedRead read_logged(const std::string& folder, const std::string& route, std::int64_t since_unix_ms,
                       const std::function<void(LoggedRequest&&)>& request,
                       const std::function<void(LoggedQuality&&)>& quality);

}  // namespace triage::ledger
