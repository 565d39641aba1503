#pragma once
// Runs a program: text in, text out, within a time and a size.

#include "triage/error.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace triage::judge {

struct ProgramLimits {
  std::chrono::milliseconds timeout{10'000};
  std::size_t output_max = 65'536;              ///< bytes of stdout
  const std::atomic<bool>* given_up = nullptr;  ///< once true, it is killed soon; null: never
};

/// Starts `command` (the program, looked up in PATH, and its arguments) in a process group of its own, gives it `input`
/// on stdin, and returns what it printed on stdout once it has ended with 0. No shell is involved; of the environment
/// it gets PATH, HOME, LANG, LC_ALL, TZ and TMPDIR only, because the rest may hold secrets; stderr goes nowhere.
/// An error's message says why there is no output: not started, another end, too slow, too long. In the latter two
/// cases the group is killed. Blocks. SIGPIPE must be ignored by this process.
Result<std::string> run_program(const std::vector<std::string>& command, std::string_view input,
                                const ProgramLimits& limits);

}  // namespace triage::judge
