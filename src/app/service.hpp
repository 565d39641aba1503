#pragma once
// A running gateway: its loops, its listeners and what they serve. Everything is wired up here.

#include "admin/admin.hpp"
#include "app/dashboard_views.hpp"
#include "app/drift_follower.hpp"
#include "app/loop_thread.hpp"
#include "app/otlp_exporter.hpp"
#include "app/passed_sockets.hpp"
#include "app/reload.hpp"
#include "app/webhooks.hpp"
#include "base/metrics.hpp"
#include "experiment/controller.hpp"
#include "http/server.hpp"
#include "ledger/feedback_keeper.hpp"
#include "ledger/file_ledger.hpp"
#include "ledger/follower.hpp"
#include "ledger/slo_watch.hpp"
#include "pipeline/attempt/score_pool.hpp"
#include "pipeline/gateway.hpp"
#include "pipeline/live/live_state.hpp"
#include "pipeline/live/snapshot.hpp"
#include "triage/spec.hpp"
#include "upstream/authorized_upstream.hpp"
#include "upstream/http_upstream.hpp"

#include <csignal>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace triage {

/// What wakes the thread that waits for signals when the admin API asks for a reload.
inline constexpr int reload_signal = SIGUSR1;

class Service final : private admin::Control {
 public:
  /// Called before another configuration takes effect.
  using BeforeUse = std::function<void(const ConfigSpec& spec)>;

  /// Opens the listeners; throws std::runtime_error if one cannot be opened. Serves after start(). `read` is for
  /// reloads. `passed`: sockets to serve instead of opening the configuration's addresses, if there are any.
  Service(const Loaded& first, Reloads::Read read, BeforeUse before_use, const PassedSockets& passed);
  ~Service() override;
  void start();

  [[nodiscard]] std::string endpoint() const { return front_.endpoint(); }
  [[nodiscard]] std::string admin_endpoint() const { return back_.endpoint(); }

  /// The next five run on one thread, the one that waits for signals.

  /// To be called about once a second: picks up a changed certificate and changed configuration files.
  void tend();
  /// Reads the configuration again. `why` is for the log.
  void reload(std::string_view why) { reloads_.run(why); }
  /// Reloads if the admin API has asked for it, which SIGUSR1 announces.
  void answer_reload_requests() { reloads_.answer_requests(); }

  /// Stops accepting connections and reloading. `handed_over`: another process accepts them from now on.
  void stop_accepting(bool handed_over = false);
  /// The same, when another process takes over the same sockets: also gives up the admin address and the ledger's
  /// directory to it.
  void hand_over();
  /// The listening sockets. Valid until the service stops accepting.
  [[nodiscard]] PassedSockets sockets() const { return {front_.sockets(), back_.sockets()}; }
  /// How long requests in flight may take after that.
  [[nodiscard]] std::chrono::milliseconds grace() const { return snapshot_->spec.limits.drain; }
  /// True once no request, no connection and no shadow is left.
  [[nodiscard]] bool idle() { return front_.connections() == 0 && live_state_.shadows() == 0; }

  /// Gives up what is left, a moment later cuts what has not ended by itself, and ends the threads. False if something
  /// did not end in time; then only the process can end it.
  bool stop();

 private:
  /// What one loop serves with.
  struct PerLoop {
    PerLoop(std::size_t index, const std::shared_ptr<const Snapshot>& snapshot, Metrics& metrics, Ledger* ledger,
            ScorePool& scores, ScorePool& graders, FeedbackStore* feedback);
    LoopThread thread;
    std::unique_ptr<HttpUpstream> client;
    std::unique_ptr<AuthorizedUpstream> authorized;
    std::unique_ptr<Gateway> gateway;
  };

  [[nodiscard]] bool ready() const override { return !front_.stopping(); }
  [[nodiscard]] admin::ConfigState config_state() const override { return reloads_.state(); }
  [[nodiscard]] std::string config() const override;
  [[nodiscard]] bool answers_to(std::string_view host) const override;
  [[nodiscard]] std::shared_ptr<const Snapshot> current() const;
  [[nodiscard]] std::vector<std::string> problems() const override;
  Async<Result<admin::Reloaded>> reload() override;
  [[nodiscard]] Result<std::string> actor(const RequestHead& head) const override;
  [[nodiscard]] Result<admin::Reader> reader(const RequestHead& head) const override;
  Async<Result<std::string>> view(admin::ViewRequest request) override;
  [[nodiscard]] std::string experiment_metrics() const override;
  [[nodiscard]] std::string experiments() const override;
  [[nodiscard]] Result<std::string> experiment(const std::string& name) const override;
  Async<Result<std::string>> change_experiment(admin::ExperimentChange change) override;

  [[nodiscard]] DashboardViews::Surroundings views_surroundings(const Loaded& first);
  [[nodiscard]] std::string standing() const;
  void use(ConfigSpec spec, const std::string& version);
  void take_up_budgets();
  void open_ledger();
  void stop_deciding();
  void act_on_drift(const std::string& route, DriftAction action, const std::string& reason);

  Metrics metrics_;
  LiveState live_state_;
  const BeforeUse before_use_;
  mutable std::mutex snapshot_mutex_;  // written by the thread that reloads, read by the admin loop
  std::shared_ptr<const Snapshot> snapshot_;
  Reloads reloads_;
  Counter& log_dropped_;
  std::string told_of_certificate_;
  admin::Admin admin_;
  // Null without a ledger, all six; the follower of its journal tells the four before it.
  std::unique_ptr<ledger::FileLedger> ledger_;
  std::unique_ptr<experiment::Controller> experiments_;
  std::unique_ptr<DriftFollower> drift_;
  std::unique_ptr<ledger::SloWatch> slo_watch_;
  std::unique_ptr<OtlpExporter> otlp_;
  std::unique_ptr<ledger::Follower> follower_;
  std::vector<std::unique_ptr<PerLoop>> loops_;
  ScorePool scores_;  // ends before the loops, which get its results; so do the next two
  ScorePool graders_;
  std::unique_ptr<ledger::FeedbackKeeper> feedback_;  // null: no ledger
  LoopThread admin_thread_;
  Webhooks webhooks_;  // on the admin loop
  DashboardViews views_;
  http::Server front_;
  http::Server back_;
};

}  // namespace triage
