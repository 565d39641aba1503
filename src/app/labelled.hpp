#pragma once
// The options that `eval` and `sweep` share, and what they work on: a route that was run over labelled rows.

#include "app/arguments.hpp"
#include "app/commands.hpp"
#include "app/route_run.hpp"
#include "config/load.hpp"
#include "offline/report.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace triage {

class Trial;

/// A threshold of a router, as the configuration has it.
struct Threshold {
  options::Path section;  ///< the router's `thresholds`
  std::string tier;       ///< that it leads to
  double value = 0;       ///< as written
  double band = 0;        ///< scores this little below it reach it too
  [[nodiscard]] double effective() const noexcept { return value - band; }
};

/// A route and its rows.
class Labelled {
 public:
  /// --config, --route, --data, --ledger, --group, --seed, --resamples, --output-tokens, --router.
  static std::vector<Option> options(const std::vector<Option>& more);

  /// Reads what the options name and runs the route. Throws UsageError, and std::runtime_error for what cannot be read;
  /// ok() is false if the configuration or the rows are bad, which stderr has been told.
  explicit Labelled(const Arguments& arguments);
  ~Labelled();
  Labelled(const Labelled&) = delete;
  Labelled& operator=(const Labelled&) = delete;

  [[nodiscard]] bool ok() const noexcept { return ok_; }
  [[nodiscard]] const offline::Rows& rows() const noexcept { return rows_; }
  [[nodiscard]] RouteRun& run() noexcept { return run_; }
  [[nodiscard]] const offline::Resampling& resampling() const noexcept { return resampling_; }
  /// The scores of run() that thresholds are chosen for, by --router, else the first; nullopt: there are none.
  [[nodiscard]] std::optional<std::size_t> main_score() const noexcept { return main_; }
  /// The thresholds of the router with these scores, lowest first; empty: it has none, or it is no router.
  [[nodiscard]] std::vector<Threshold> thresholds(const offline::Scored& scored) const;
  /// Writes a threshold into the configuration. Throws std::runtime_error if that cannot be done.
  void write(const Threshold& threshold, const std::string& value) const;
  /// With every part but `main` and `threshold` of a report's subject.
  [[nodiscard]] offline::Subject subject() const;

 private:
  void read_config(const Arguments& arguments);
  void read_data(const Arguments& arguments);
  [[nodiscard]] std::optional<std::size_t> find_main() const;

  bool ok_ = false;
  std::string data_;
  std::string route_;
  std::string router_;
  std::unique_ptr<Trial> trial_;
  std::string config_;
  Loaded loaded_;  // without its spec
  offline::Rows rows_;
  offline::Resampling resampling_;
  RouteRun run_;
  std::optional<std::size_t> main_;
};

}  // namespace triage
