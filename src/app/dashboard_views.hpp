#pragma once
// What the dashboard's pages ask for, answered on two threads of its own, so that neither probes nor requests wait: one
// for what the ledger's database and this process know, which takes milliseconds, one for what a command has to compute
// (own_command.hpp), which takes seconds.

#include "admin/admin.hpp"
#include "app/own_command.hpp"
#include "app/trial.hpp"
#include "pipeline/live/snapshot.hpp"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace triage {

/// A thread that does one thing after another.
class Desk {
 public:
  Desk() : thread_([this] { run(); }) {}
  ~Desk() { stop(); }
  Desk(const Desk&) = delete;
  Desk& operator=(const Desk&) = delete;

  /// False: too much waits already, or it has stopped.
  bool add(std::function<void()> work);
  /// Ends the thread after what it does now; what waits is done, too, with stopping() true.
  void stop();
  [[nodiscard]] const std::atomic<bool>& stopping() const noexcept { return stopping_; }

 private:
  static constexpr std::size_t waiting_max = 32;
  void run();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> waiting_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

class DashboardViews {
 public:
  /// What it needs of the gateway; called on its threads.
  struct Surroundings {
    std::function<std::shared_ptr<const Snapshot>()> current;
    std::function<std::string()> standing;               ///< SLOs and drift, as the members of a JSON object
    std::function<double(const std::string&)> share_of;  ///< the share in force of an experiment
    std::string config_file;                             ///< the configuration's first file
  };

  explicit DashboardViews(Surroundings around) : around_(std::move(around)) {}

  /// See admin::Control::view().
  Async<Result<std::string>> view(admin::ViewRequest request);
  /// Ends what is under way; nothing is answered any more.
  void stop();

 private:
  [[nodiscard]] Result<std::string> made(const admin::ViewRequest& request);
  [[nodiscard]] Result<std::string> explained(const admin::ViewRequest& request);
  [[nodiscard]] Result<std::string> computed(const admin::ViewRequest& request);
  [[nodiscard]] CommandEnd run(const std::vector<std::string>& arguments, const std::string& text) const;
  [[nodiscard]] std::string forecast(const std::string& experiment) const;
  [[nodiscard]] std::string checked(const admin::ViewRequest& request) const;
  [[nodiscard]] std::string measured(const admin::ViewRequest& request) const;

  const Surroundings around_;
  std::unique_ptr<Trial> trial_;  // of the quick desk's thread: the configuration in force, for explain
  Desk quick_;
  Desk slow_;
};

}  // namespace triage
