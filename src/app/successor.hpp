#pragma once
// A restart without a refused connection: this program starts itself anew, from the file that it was started from, with
// the same arguments, and passes its listening sockets on. While it starts, this one serves; once it serves, this one
// finishes what is under way. Connections that nobody has accepted yet wait in the sockets' queues.
//
//   start() -> fork, exec: LISTEN_FDS (passed_sockets.hpp), and TRIAGE_READY, a pipe -> report_ready() there
//           -> look() here: ready, or the pipe's end, and this one goes on

#include "app/passed_sockets.hpp"

#include <sys/types.h>
#include <chrono>
#include <string>
#include <vector>

namespace triage {

class Successor {
 public:
  /// Remembers what to start.
  Successor();
  ~Successor();
  Successor(const Successor&) = delete;
  Successor& operator=(const Successor&) = delete;

  /// Logs what it does, also if it cannot. The sockets stay ours.
  void start(const PassedSockets& sockets);

  [[nodiscard]] bool starting() const noexcept { return pid_ > 0; }

  /// While it is starting: true once it serves. If it has ended, or takes too long, logs that, and it is not starting
  /// any more.
  bool look();

 private:
  void failed(const std::string& why);

  std::string program_;
  std::vector<std::string> arguments_;
  pid_t pid_ = 0;
  int pipe_ = -1;
  std::chrono::steady_clock::time_point until_;
};

/// In the new process: it serves. Nothing if it was not started by another one.
void report_ready();

}  // namespace triage
