#pragma once
// The attempts of one request, in the order in which they began. Each attempt writes its own row, which is stored here
// so that it outlives the attempt however that ends. Whoever judges an answer adds its verdict.

#include "pipeline/plan.hpp"
#include "triage/completion.hpp"
#include "triage/record.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace triage {

struct TrailRow {
  using Clock = std::chrono::steady_clock;

  AttemptRecord record;
  Extras extras;  ///< views into `record`
  Target target;
  Clock::time_point began;
  Clock::time_point answered;      ///< when its answer had come as far as anyone has seen; the epoch: it has not begun
  Completion said;                 ///< what has come of its answer, as far as that is read
  std::vector<Completion> others;  ///< the choices after the first, likewise
  std::string answer_id;           ///< the `id` in its body; empty: none has come
  std::string finish_reason;       ///< of the last choice that has one
  std::int64_t continued = 0;      ///< tokens of the cut-off answer that this one continues
};

class Trail {
 public:
  using Clock = TrailRow::Clock;

  explicit Trail(Clock::time_point started) : started_(started) {}

  /// Adds a row for a call to `target` that begins now. Returns its index.
  std::size_t begin(const Target& target, AttemptCause cause, Purpose purpose);

  [[nodiscard]] TrailRow& operator[](std::size_t row) noexcept { return *rows_[row]; }
  [[nodiscard]] const TrailRow& operator[](std::size_t row) const noexcept { return *rows_[row]; }
  [[nodiscard]] std::size_t size() const noexcept { return rows_.size(); }
  [[nodiscard]] bool empty() const noexcept { return rows_.empty(); }

  /// Milliseconds since the request's first byte.
  [[nodiscard]] double ms_since_start(Clock::time_point time) const noexcept;

  /// The cost of the rows from `first` on, in nano-USD; nothing if one of them has no known price.
  [[nodiscard]] std::optional<std::int64_t> cost(std::size_t first = 0) const noexcept;
  /// The same for these rows.
  [[nodiscard]] std::optional<std::int64_t> cost_of(std::span<const std::size_t> rows) const noexcept;
  /// The cost of all rows in USD, as a decimal, or empty.
  [[nodiscard]] std::string cost_usd() const;

 private:
  Clock::time_point started_;
  std::vector<std::unique_ptr<TrailRow>> rows_;
};

/// Milliseconds from `from` to `to`.
double elapsed_ms(Trail::Clock::time_point from, Trail::Clock::time_point to) noexcept;

}  // namespace triage
