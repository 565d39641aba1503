#pragma once
// The thread that runs the experiments: it follows the journal, lets each experiment decide, writes the decision into
// the journal, and puts it in force once it is on disk. Event loops read one number of it, the share.
//
// Only the process that has the ledger's directory decides; another one follows what that one decides. A gateway that
// cannot see what its experiments do, because its ledger cannot be written, gives all requests to control after a
// while.

#include "base/metrics.hpp"
#include "experiment/follower.hpp"
#include "experiment/sync_wait.hpp"
#include "triage/ledger.hpp"
#include "triage/spec.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace triage::experiment {

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
};

/// What a person wants of an experiment.
struct Wish {
  std::string name;
  Action action = Action::start;  ///< start, pause, promote or rollback
  std::string actor;
  std::string reason;
};

class Controller {
 public:
  using Clock = std::chrono::steady_clock;
  /// Gets what show() shows afterwards, or why not. Called on the controller's thread.
  using Answer = std::function<void(const Result<std::string>&)>;

  Controller(Surroundings surroundings, Metrics& metrics);
  ~Controller();

  /// The configuration that is about to be in force. The shares of experiments that it changes are 0 when this returns,
  /// and until the journal says otherwise. Before start() it reads the journal, so that shares are right from the first
  /// request on.
  void use(const ConfigSpec& config);
  void start();
  /// Ends deciding, for good. To be called before the ledger is stopped or handed over.
  void stop();

  // Thread-safe.
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
    std::optional<double> share;    ///< in force
    Clock::time_point anchor;       ///< when `anchor_ms` was read in the journal
    std::int64_t anchor_ms = -1;    ///< the experiment's clock then
    bool zero = false;              ///< all get control although the journal does not say so yet
    Clock::time_point quiet_until;  ///< a decision is on its way
  };
  using Configuration = std::map<std::string, Configured, std::less<>>;

  void run();
  bool ended(std::chrono::milliseconds pause);
  void turn();
  void catch_up();
  std::size_t read_some();
  void decide();
  bool write(Decision decision);
  void put_in_force();
  void look_whether_blind();
  void answer_wishes();
  Result<std::string> grant(const Wish& wish);
  void took_effect(const Decision& decision);
  void write_checkpoint_if_due(bool last);
  [[nodiscard]] std::int64_t clock_of(const Experiment& experiment, const Configured* configured) const;
  [[nodiscard]] const Configured* configured(std::string_view name) const;

  const Surroundings around_;
  Metrics& metrics_;
  SyncWait syncs_;

  mutable std::mutex mutex_;  // of the next four
  Configuration configuration_;
  std::unique_ptr<Follower> follower_;  // null: no experiment has been configured yet
  bool blind_ = false;
  std::string checkpoint_problem_;

  // of the thread
  std::optional<Clock::time_point> unseen_since_;
  Clock::time_point last_checkpoint_{};
  std::uint64_t lines_since_checkpoint_ = 0;
  bool live_ = false;  // decisions that are read are news

  std::mutex wake_mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  bool hurry_ = false;
  std::vector<std::pair<Wish, Answer>> wishes_;
  std::thread thread_;
};

}  // namespace triage::experiment
