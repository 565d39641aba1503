#pragma once
// Counters, gauges and histograms in the Prometheus text format (version 0.0.4). Cheap to write from every loop: each
// thread writes its own stripe, so no cache line is shared; a scrape adds the stripes up. Label sets come from the
// config or from enums, never from a client. A metric is never destroyed while the registry lives: references stay
// valid, also across reloads.

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace triage {

using Labels = std::vector<std::pair<std::string, std::string>>;

namespace metrics_detail {
inline constexpr std::size_t stripes = 8;
std::size_t stripe() noexcept;
struct alignas(64) Cell {
  std::atomic<std::int64_t> value{0};
};
}  // namespace metrics_detail

/// A number that goes up (counter), or up and down (gauge).
class Counter {
 public:
  void add(std::int64_t amount = 1) noexcept {
    cells_[metrics_detail::stripe()].value.fetch_add(amount, std::memory_order_relaxed);
  }
  [[nodiscard]] std::int64_t value() const noexcept;
  /// Sets a gauge that only one thread sets.
  void set(std::int64_t number) noexcept { add(number - value()); }

 private:
  std::array<metrics_detail::Cell, metrics_detail::stripes> cells_;
};

/// A share, 0..1.
class Ratio {
 public:
  void set(double share) noexcept { value_.store(share, std::memory_order_relaxed); }
  [[nodiscard]] double value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_{0};
};

/// Observations in seconds, in fixed buckets from 100 µs to 10 min, which fit gateways and language models alike.
class Histogram {
 public:
  static constexpr std::array<double, 22> bounds{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                                 0.05,   0.1,     0.25,   0.5,   1,      2,     5,    10,
                                                 20,     30,      60,     120,   300,    600};
  void observe(double seconds) noexcept;

  struct Totals {
    std::array<std::int64_t, bounds.size() + 1> counts{};  ///< per bucket, not cumulative; the last is +Inf
    double sum_seconds = 0;
    std::int64_t count = 0;
  };
  [[nodiscard]] Totals totals() const noexcept;

 private:
  struct alignas(64) Stripe {
    std::array<std::atomic<std::int64_t>, bounds.size() + 1> counts{};
    std::atomic<std::int64_t> sum_ns{0};
  };
  std::array<Stripe, metrics_detail::stripes> stripes_;
};

class Metrics {
 public:
  /// Returns the metric; the same name and labels give the same one. Thread-safe, but take the reference once, not per
  /// request.
  Counter& counter(std::string_view name, std::string_view help, const Labels& labels = {});
  Counter& gauge(std::string_view name, std::string_view help, const Labels& labels = {});
  /// A gauge.
  Ratio& ratio(std::string_view name, std::string_view help, const Labels& labels = {});
  Histogram& histogram(std::string_view name, std::string_view help, const Labels& labels = {});

  /// All metrics in the Prometheus text format, families in the order of their names.
  [[nodiscard]] std::string text() const;

 private:
  struct Family {
    std::string help;
    std::string type;
    std::map<std::string, std::unique_ptr<Counter>> counters;      // by rendered labels
    std::map<std::string, std::unique_ptr<Ratio>> ratios;          // by rendered labels
    std::map<std::string, std::unique_ptr<Histogram>> histograms;  // by rendered labels
  };
  Family& family(std::string_view name, std::string_view help, std::string_view type);

  mutable std::mutex mutex_;
  std::map<std::string, Family> families_;
};

}  // namespace triage
