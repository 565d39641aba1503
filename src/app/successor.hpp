#pragma once
// A restart that refuses no connection. The program starts itself again, from the file that it was started from, with
// the same arguments, and passes its listening sockets on. While the new process starts, this one serves; once the new
// one serves, this one finishes what is under way. Connections not yet accepted wait in the sockets' queues.
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

  /// Starts the successor. Logs success and failure. The sockets stay open here.
  void start(const PassedSockets& sockets);

  [[nodiscard]] bool starting() const noexcept { return pid_ > 0; }

  /// While the successor is starting: true once it serves. If it has ended, or takes too long, logs that and stops
  /// waiting for it.
  bool look();

 private:
  void failed(const std::string& why);

  std::string program_;
  std::vector<std::string> arguments_;
  pid_t pid_ = 0;
  int pipe_ = -1;
  std::chrono::steady_clock::time_point until_;
};

/// Reports, in the new process, that it serves. Does nothing if it is not a successor.
void report_ready();

}  // namespace triage
