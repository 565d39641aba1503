#pragma once
// Command lines: `triage COMMAND [--name value | --switch | word]...`.

#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace triage {

/// Wrong use of the command line; exit code 2.
struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

enum ExitCode : int { exit_done = 0, exit_no = 1, exit_usage = 2, exit_could_not_run = 3, exit_changed = 4 };

class Arguments {
 public:
  /// Options in `valued` take a value (`--config F` or `--config=F`), those in `switches` do not. --help is always
  /// known.
  /// Throws UsageError naming what is unknown or lacks its value.
  Arguments(const std::vector<std::string>& words, const std::set<std::string>& valued,
            const std::set<std::string>& switches);

  [[nodiscard]] bool has(std::string_view name) const;
  /// The value given last; empty if not given.
  [[nodiscard]] std::string value(std::string_view name) const;
  /// All values of an option that may be repeated, in order.
  [[nodiscard]] std::vector<std::string> values(std::string_view name) const;
  [[nodiscard]] const std::vector<std::string>& words() const noexcept { return words_; }

 private:
  std::map<std::string, std::vector<std::string>, std::less<>> options_;
  std::vector<std::string> words_;
};

}  // namespace triage
