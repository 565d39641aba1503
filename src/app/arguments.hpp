#pragma once
// What a command line says: options with their values, and the words beside them.

#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace triage {

/// Wrong use of the command line; exit code 2.
struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

enum ExitCode : int { exit_done = 0, exit_no = 1, exit_usage = 2, exit_could_not_run = 3, exit_changed = 4 };

class Arguments {
 public:
  /// Values by the option's name without dashes; a switch that was given has one that is empty.
  using Options = std::map<std::string, std::vector<std::string>, std::less<>>;
  Arguments(Options options, std::vector<std::string> words) : options_(std::move(options)), words_(std::move(words)) {}

  [[nodiscard]] bool has(std::string_view name) const;
  /// The value; empty if not given.
  [[nodiscard]] std::string value(std::string_view name) const;
  /// All values of an option that may be repeated, in order.
  [[nodiscard]] std::vector<std::string> values(std::string_view name) const;
  [[nodiscard]] const std::vector<std::string>& words() const noexcept { return words_; }

 private:
  Options options_;
  std::vector<std::string> words_;
};

}  // namespace triage
