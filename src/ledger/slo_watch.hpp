#pragma once
// Watches the promises about quality (`quality.slo`): metrics, and a line in the log when one is met, broken, or no
// longer known. After a start it reads the journal of the last two weeks again, so that its state is what it was.

#include "base/metrics.hpp"
#include "ledger/follower.hpp"
#include "ledger/slo.hpp"

#include <chrono>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace triage::ledger {

/// {"alert":"slo","route":...,"signal":...,"state":...,"before":...,"value_min":...,"mean":...,"low":...}
std::string slo_alert(const SloStanding& now, SloState before);

class SloWatch final : public Consumer {
 public:
  /// Called on the follower's thread with the alert's JSON, when a state changes; must not block. Empty: only logged.
  using Alert = std::function<void(const std::string& json)>;

  SloWatch(const std::string& folder, Metrics& metrics, Alert alert = {});

  /// The routes whose SLOs are watched from now on. Thread-safe.
  void use(const std::vector<RouteSpec>& routes);

  /// Thread-safe.
  [[nodiscard]] std::vector<SloStanding> standings() const;

  [[nodiscard]] std::string_view name() const noexcept override { return "the watch over SLOs"; }
  [[nodiscard]] Checkpoint begin_at() override { return {begin_, 0}; }
  [[nodiscard]] bool wants() const override;
  void take(const Entry& entry) override { history_.take(entry); }
  void caught_up(const Checkpoint& reached) override;
  void forget() override { history_ = {}; }

 private:
  struct Watched {
    SloStanding standing;
    bool told = false;  ///< the state before is known
    Counter* state = nullptr;
    Ratio* low = nullptr;
    Ratio* high = nullptr;
  };
  void look(Watched& watched);
  [[nodiscard]] Watched watched(const SloStanding& standing) const;

  Metrics& metrics_;
  const Alert alert_;
  Position begin_;
  QualityHistory history_;  // of the follower's thread
  std::chrono::steady_clock::time_point looked_{};
  mutable std::mutex mutex_;
  std::vector<Watched> watched_;
};

}  // namespace triage::ledger
