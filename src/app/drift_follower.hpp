#pragma once
// Follows the journal and watches for drift. What it knows is stored in DIR/drift.json, with the place in the journal
// that it reaches, so that it is the same after a restart.

#include "base/metrics.hpp"
#include "drift/watch.hpp"
#include "ledger/follower.hpp"
#include "triage/spec.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace triage {

/// The file that the watch is stored in.
std::string drift_path(const std::string& ledger_folder);

/// What a gateway stored there, for reports. Empty if there is nothing that can be read.
drift::Watch read_drift(const std::string& ledger_folder);

class DriftFollower final : public ledger::Consumer {
 public:
  /// What an alarm is to do to the route's experiment, if it has one. Called on the follower's thread; must not wait.
  using Act = std::function<void(const std::string& route, DriftAction action, const std::string& reason)>;

  DriftFollower(std::string ledger_folder, Metrics& metrics, Act act);

  /// The configuration that is in force from now on. Any thread.
  void use(const ConfigSpec& spec, const std::string& version);
  /// Stores what is known. To be called when the follower has stopped.
  void finish();

  [[nodiscard]] std::string_view name() const noexcept override { return "the watch for drift"; }
  [[nodiscard]] ledger::Checkpoint begin_at() override { return stored_; }
  void take(const ledger::Entry& entry) override;
  void caught_up(const ledger::Checkpoint& reached) override;
  void forget() override;

  /// For /health/ready: what has drifted.
  [[nodiscard]] std::vector<std::string> problems() const;
  /// The JSON of watch_json().
  [[nodiscard]] std::string standing() const;

 private:
  struct Served {
    DriftAction action = DriftAction::warn;
    bool cascades = false;
  };
  [[nodiscard]] bool is_of_policy(const ledger::StoredRecord& record) const;
  void take_request(const ledger::StoredRecord& record);
  void take_grade(const ledger::Stored<GradeEvent>& grade);
  void keep(std::vector<drift::RouteAlarm> alarms);
  void act_on(const drift::RouteAlarm& alarm);
  Counter& alarms_counted(const std::string& route, std::string_view what);
  void update_metrics();
  void store();

  const std::string folder_;
  Metrics& metrics_;
  const Act act_;

  mutable std::mutex mutex_;  // of all below
  drift::Watch watch_;
  std::map<std::string, Served, std::less<>> served_;
  struct Version {
    std::string name;
    std::map<std::string, std::string> policies;  // by route
  };
  std::deque<Version> versions_;  // of configurations, the newest last
  bool store_soon_ = false;
  std::vector<drift::RouteAlarm> raised_;
  ledger::Checkpoint reached_;
  ledger::Checkpoint stored_;
  std::chrono::steady_clock::time_point last_stored_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point last_metrics_{};
  bool store_failed_ = false;
};

}  // namespace triage
