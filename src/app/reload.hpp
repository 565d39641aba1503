#pragma once
// Applies a changed configuration while the gateway runs: on SIGHUP, when its files change, or when the admin API asks.
// It is read, checked and used as a whole or not at all: a configuration with a mistake changes nothing and is
// reported. All of this happens on the thread that waits for signals.

#include "admin/admin.hpp"
#include "base/metrics.hpp"
#include "config/load.hpp"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace triage {

/// Tells when files have changed and settled: a change counts once two looks in a row see the same.
class Settling {
 public:
  /// Notes what the files in use look like.
  void accept(std::vector<std::string> looks) { accepted_ = std::move(looks); }

  /// Notes what the files look like now. True if they should be read.
  bool look(std::vector<std::string> now) {
    const bool settled = now != accepted_ && now == last_;
    last_ = std::move(now);
    return settled;
  }

 private:
  std::vector<std::string> accepted_;
  std::vector<std::string> last_;
};

/// Copies what only a restart can change from `running` to `fresh`, and returns the keys that differed.
std::vector<std::string> keep_what_is_fixed(const ConfigSpec& running, ConfigSpec& fresh);

class Reloads {
 public:
  /// Reads and checks the configuration as the command line says.
  using Read = std::function<Loaded()>;
  /// Puts it in force. Throws std::exception if it cannot; then nothing has changed.
  using Use = std::function<void(ConfigSpec spec, const std::string& version)>;

  /// `first` is in force already.
  Reloads(const Loaded& first, Read read, Use use, Metrics& metrics);

  /// Reads the configuration, and uses it if it is valid and different. `why` is for the log.
  admin::Reloaded run(std::string_view why);

  /// To be called about once a second: whether its files have changed and settled.
  [[nodiscard]] bool files_changed();

  /// Thread-safe.
  [[nodiscard]] admin::ConfigState state() const;

  /// Answers requests made by ask(), with one reload for all of them, if there are any.
  void answer_requests();

  /// To be called on any loop. Calls `wake`, then waits for answer_requests().
  Async<Result<admin::Reloaded>> ask(std::function<void()> wake);

  /// Ends reloading: requests for it get an error from now on.
  void stop();

 private:
  using Answer = std::function<void(const Result<admin::Reloaded>&)>;

  std::string take_up(Loaded fresh, admin::ConfigState& state);
  void tell_failure(std::string_view why, const std::string& problem);
  bool enlist(Answer answer);
  void watch(const Loaded& loaded);

  const Read read_;
  const Use use_;
  const ConfigSpec fixed_;  // as at the start: the parts that cannot change
  Counter& ok_;
  Counter& failed_;
  Counter& unchanged_;

  // of the thread that reloads
  std::vector<Source> sources_;
  Settling settling_;
  std::string told_;  // the last failure that was logged

  mutable std::mutex mutex_;
  admin::ConfigState state_;
  std::vector<Answer> waiting_;
  bool stopped_ = false;
};

}  // namespace triage
