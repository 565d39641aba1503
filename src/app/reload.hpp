#pragma once
// Taking up a changed configuration while the gateway runs: by SIGHUP, when its files change, or because the admin API
// asks. Read -> check -> use, whole or not at all: a configuration with a mistake changes nothing and is told of. All
// of it happens on the thread that waits for signals.

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

/// Tells when files have changed and have come to rest: a change counts once two looks in a row see the same.
class Settling {
 public:
  /// What is in use looks like this.
  void accept(std::vector<std::string> looks) { accepted_ = std::move(looks); }

  /// How it looks now. True if it should be read.
  bool look(std::vector<std::string> now) {
    const bool settled = now != accepted_ && now == last_;
    last_ = std::move(now);
    return settled;
  }

 private:
  std::vector<std::string> accepted_;
  std::vector<std::string> last_;
};

/// What only a new start can change: puts what `running` has of it into `fresh`, and returns the keys that differed.
std::vector<std::string> keep_what_is_fixed(const ConfigSpec& running, ConfigSpec& fresh);

class Reloads {
 public:
  /// Reads and checks the configuration as the command line says.
  using Read = std::function<Loaded()>;
  /// Makes it the one in force. Throws std::exception if it cannot; then nothing has changed.
  using Use = std::function<void(ConfigSpec spec, const std::string& version)>;

  /// `first` is in force already.
  Reloads(const Loaded& first, Read read, Use use, Metrics& metrics);

  /// Reads it and takes it up if it is good and another one. `why` is for the log.
  admin::Reloaded run(std::string_view why);

  /// About once a second: whether its files have changed and have come to rest.
  [[nodiscard]] bool files_changed();

  /// Thread safe.
  [[nodiscard]] admin::ConfigState state() const;

  /// Answers requests for a reload: see ask(). Runs one for all of them, if there are any.
  void answer_requests();

  /// On any loop. Has `wake` called, then waits for answer_requests().
  Async<Result<admin::Reloaded>> ask(std::function<void()> wake);

  /// No reload from now on: requests get an error.
  void stop();

 private:
  using Answer = std::function<void(const Result<admin::Reloaded>&)>;

  std::string take_up(Loaded fresh, admin::ConfigState& state);
  void tell_failure(std::string_view why, const std::string& problem);
  bool enlist(Answer answer);
  void watch(const Loaded& loaded);

  const Read read_;
  const Use use_;
  const ConfigSpec fixed_;  // of the start: the parts that stay
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
