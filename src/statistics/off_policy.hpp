#pragma once
// What another policy would have got, from the logs of this one, whose propensities are known: inverse propensity
// scores (Horvitz and Thompson 1952), self-normalised ones (Swaminathan and Joachims 2015), doubly robust (Dudik,
// Langford and Li 2011) - and whether the logs can tell at all.

#include "statistics/interval.hpp"

#include <cstdint>
#include <map>
#include <span>
#include <utility>
#include <vector>

namespace triage::statistics {

/// A logged request.
struct LoggedRow {
  double propensity = 1;  ///< the probability with which its action was taken, in (0,1]
  double target = 0;      ///< the probability with which the other policy takes that action
  double outcome = 0;     ///< quality, cost, ...
  /// Whether each action that the other policy may take here had a chance. False where the log always does something
  /// else, whatever the propensity of what it did.
  bool supported = true;
  double expected_logged = 0;  ///< what a model expects of the logged action; 0 without a model
  double expected_target = 0;  ///< what it expects of the other policy
  std::uint64_t unit = 0;      ///< rows of one unit depend on each other; 0: a unit of its own
};

struct Estimate {
  double value = 0;
  Interval interval;
};

/// Why the logs cannot tell.
enum class Overlap : std::uint8_t {
  enough,
  no_rows,
  unsupported,  ///< more than one request in 100 would have got what the log never gives
  few,          ///< the rows that agree with the other policy are worth fewer than 50
  one_decides   ///< one row has more than a tenth of the weight
};

struct OffPolicy {
  Overlap overlap = Overlap::no_rows;
  double supported = 0;       ///< share of the rows
  double effective_rows = 0;  ///< rows, or units, of equal weight that would tell as much
  double largest_weight = 0;  ///< as a share of all
  /// Only of use where overlap is `enough`: the words are "cannot be told from these logs" elsewhere.
  Estimate ips;
  Estimate snips;
  Estimate doubly_robust;
  [[nodiscard]] bool can_be_told() const noexcept { return overlap == Overlap::enough; }
};

/// The intervals hold what the other policy would have got with probability `confidence` each. `range`: the largest
/// difference of two outcomes, 1 for a quality; 0 if there is no such bound, as for costs.
OffPolicy evaluate(std::span<const LoggedRow> rows, double confidence, double range);

/// A model for doubly robust estimates: the mean outcome of an action in a group of requests (such as a range of
/// lengths), drawn towards the mean of the action. A row is never predicted by a model that saw it: by the other half
/// of the rows.
class GroupMeans {
 public:
  void add(std::uint64_t group, std::uint64_t action, double outcome);

  /// What `action` is expected to give for the `row`-th request added, which is of `group`.
  [[nodiscard]] double expected(std::size_t row, std::uint64_t group, std::uint64_t action) const;

 private:
  struct Sum {
    double rows = 0;
    double outcome = 0;
  };
  struct Half {
    std::map<std::pair<std::uint64_t, std::uint64_t>, Sum> of_group;
    std::map<std::uint64_t, Sum> of_action;
    Sum all;
  };
  Half halves_[2];
  std::size_t rows_ = 0;
};

}  // namespace triage::statistics
