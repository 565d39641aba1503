#pragma once
// A command of this program, run beside a gateway as a process of its own: what the dashboard shows of it is what the
// command says, and what it takes is neither the gateway's memory nor, at a low priority, its time.

#include <atomic>
#include <chrono>
#include <string>
#include <vector>

namespace triage {

struct CommandEnd {
  int code = -1;  ///< -1: it was ended
  std::string out;
  std::string err;
  bool late = false;  ///< it was ended because it took too long, or because of `stop`
};

/// How a file that is in memory only is named to the command: `text` of run_command.
inline constexpr const char* text_file = "/proc/self/fd/3";

/// Runs `triage ARGUMENTS` and waits. Throws std::runtime_error if it cannot be started.
CommandEnd run_command(const std::vector<std::string>& arguments, const std::string& text,
                       std::chrono::milliseconds most, const std::atomic<bool>& stop);

}  // namespace triage
