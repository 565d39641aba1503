#pragma once
// Runs the experiments: it follows the journal, lets each experiment decide, writes the decision into the journal, and
// puts it in force once it has come back from there. Event loops read one number of it, the share.
//
// Only the process that has the ledger's directory decides; another one follows what that one decides. A gateway that
// cannot see what its experiments do, because its ledger cannot be written, gives all requests to control after a
// while.

#include "base/metrics.hpp"
#include "experiment/checkpoint.hpp"
#include "experiment/sync_wait.hpp"
#include "ledger/follower.hpp"
#include "triage/ledger.hpp"
#include "triage/spec.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace triage::experiment {

/// How long what takes how long.
struct Patience {
  std::chrono::milliseconds sync{400};
  std::chrono::milliseconds late{400};             ///< since it was written: a decision that did not come back
  std::chrono::milliseconds again{10'000};         ///< then it is made again
  std::chrono::milliseconds blind{10'000};         ///< with a ledger that cannot be written
  std::chrono::milliseconds follows{60'000};       ///< another process that has the directory
  std::chrono::milliseconds store_every{300'000};  ///< a checkpoint
  std::uint64_t store_lines = 200'000;
  std::chrono::milliseconds asked{1500};  ///< somebody who waits for an answer
};

/// What the controller needs of the gateway.
struct Surroundings {
  std::string folder;  ///< of the ledger
  Ledger* ledger = nullptr;
  std::function<bool()> owns;            ///< whether the ledger's directory is ours
  std::function<std::string()> problem;  ///< what is wrong with the journal; empty: nothing
  /// Puts the share of an experiment's treatment in force, on all loops at once.
  std::function<void(const std::string& name, double share)> set_share;
  /// Tells others of a decision that took effect; must not wait. May be empty.
  std::function<void(const Decision& decision)> tell;
  Patience patience = {};
};

/// What a person wants of an experiment.
struct Wish {
  std::string name;
  Action action = Action::start;  ///< start, pause, promote or rollback
  std::string actor;
  std::string reason;
};

class Controller final : public ledger::Consumer {
 public:
  using Clock = std::chrono::steady_clock;
  /// Gets what show() shows afterwards, or why not. Called on the follower's thread.
  using Answer = std::function<void(const Result<std::string>&)>;

  Controller(Surroundings surroundings, Metrics& metrics);

  /// The configuration that is about to be in force. The shares of experiments that it changes are what the journal
  /// says of their new versions when this returns: 0 mostly.
  void use(const ConfigSpec& config);
  /// From now on decisions are made.
  void begin();
  /// To be called when the journal's follower has stopped, and before the ledger stops or is handed over.
  void finish();

  [[nodiscard]] std::string_view name() const noexcept override { return "the controller of experiments"; }
  [[nodiscard]] ledger::Checkpoint begin_at() override;
  [[nodiscard]] bool before_serving() const noexcept override;
  void take(const ledger::Entry& entry) override;
  void caught_up(const ledger::Checkpoint& reached) override;
  void forget() override;

  // Thread-safe.
  /// Whether what had to be decided is in force: soon after begin(). Until then a new experiment gives all to control.
  [[nodiscard]] bool settled() const;
  /// A JSON object with a list.
  [[nodiscard]] std::string list() const;
  /// A JSON object. Error: not_found.
  [[nodiscard]] Result<std::string> show(const std::string& name) const;
  /// Errors: not_found; conflict, if the state does not allow it; overloaded, if the ledger cannot be written.
  void ask(Wish wish, Answer answer);
  /// Metrics of the experiments that are configured, in the Prometheus text format.
  [[nodiscard]] std::string metrics_text() const;
  /// For /health/ready.
  [[nodiscard]] std::vector<std::string> problems() const;

 private:
  struct Configured {
    std::string version;
    Plan plan;
    std::optional<double> share;         ///< in force
    Clock::time_point anchor;            ///< when its clock was `anchor_ms`
    std::int64_t anchor_ms = -1;         ///< -1: not known
    std::optional<Decision> on_its_way;  ///< written, and not read back yet
    Clock::time_point written;
    bool zero = false;  ///< all get control although the journal does not say so yet
  };
  using Configuration = std::map<std::string, Configured, std::less<>>;
  struct Asked {
    Wish wish;
    Answer answer;
    Decision decision;
    Clock::time_point until;
  };

  void look_at_news();
  void decide();
  bool write(Decision& decision);
  void look_at_what_is_late();
  void put_in_force();
  void look_whether_blind();
  void answer_wishes();
  std::optional<Result<std::string>> grant(const Wish& wish, Decision& decision);
  void answer_asked();
  void took_effect(const Decision& decision);
  void write_checkpoint_if_due(bool last);
  [[nodiscard]] std::int64_t clock_of(const Experiment& experiment, const Configured* configured) const;
  [[nodiscard]] const Configured* configured(std::string_view name) const;

  const Surroundings around_;
  Metrics& metrics_;
  SyncWait syncs_;

  mutable std::mutex mutex_;  // of the next seven
  Configuration configuration_;
  Engine engine_;
  bool blind_ = false;
  bool looked_ = false;  // whether there is something to decide
  std::string checkpoint_problem_;
  std::vector<std::pair<Wish, Answer>> wishes_;
  bool finished_ = false;

  // of the follower's thread
  bool began_ = false;
  bool live_ = false;  // decisions that are read are news
  std::vector<Decision> news_;
  std::vector<Asked> asked_;
  std::optional<Clock::time_point> unseen_since_;
  ledger::Checkpoint reached_;
  ledger::Checkpoint stored_;
  Clock::time_point last_stored_ = Clock::now();
};

}  // namespace triage::experiment
