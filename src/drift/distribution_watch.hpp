#pragma once
// Has the distribution of a number, or of a choice, changed? Windows are compared with a reference by the population
// stability index (statistics/stability.hpp).

#include "drift/pace.hpp"

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

namespace triage::drift {

/// Counts by category, in windows of at least `count_min` outcomes that last at least Pace::window_ms.
class CategoryWatch {
 public:
  static constexpr std::size_t count_min = 500;
  static constexpr double index_min = 0.1;  ///< smaller shifts are none, however sure

  /// `categories`: how many there are.
  void learn(std::size_t category, std::size_t categories);
  void begin(std::int64_t time_ms) noexcept;  ///< the reference is complete
  /// The comparison, where this outcome completes a window. `counts` are those of the window.
  std::optional<Seen> add(std::size_t category, std::int64_t time_ms, const Pace& pace);

  [[nodiscard]] const std::vector<double>& reference() const noexcept { return reference_; }
  [[nodiscard]] const std::vector<double>& last_window() const noexcept { return last_; }
  [[nodiscard]] bool passed(const Seen& seen) const noexcept { return seen.now > seen.limit; }

  void save(nlohmann::ordered_json& out) const;
  bool load(const nlohmann::ordered_json& in);

 private:
  std::vector<double> reference_;
  std::vector<double> current_;
  std::vector<double> last_;
  double count_ = 0;
  std::int64_t begun_ms_ = 0;
};

/// Of numbers: ten categories with as many of the reference's numbers each.
class NumberWatch {
 public:
  /// The alarm that this number raises; it then learns a new reference.
  std::optional<Seen> add(double value, std::int64_t time_ms, const Pace& pace, const ReferenceSize& size);
  [[nodiscard]] State state() const noexcept {
    return edges_.empty() ? (alarmed_ ? State::drifted : State::learning) : State::steady;
  }
  /// Forgets all.
  void restart() { *this = NumberWatch(); }

  void save(nlohmann::ordered_json& out) const;
  bool load(const nlohmann::ordered_json& in);

 private:
  [[nodiscard]] std::size_t category(double value) const;

  std::vector<double> sample_;  // of the reference, while it is learned
  std::uint64_t seen_ = 0;
  std::int64_t begun_ms_ = 0;
  std::vector<double> edges_;  // the largest number of each category but the last; empty: learning
  CategoryWatch counts_;
  bool alarmed_ = false;
};

/// Of names, such as tiers. Names beyond the first 16 count as one.
class MixWatch {
 public:
  std::optional<Seen> add(const std::string& name, std::int64_t time_ms, const Pace& pace, const ReferenceSize& size);
  /// Where this outcome completed a window: its counts by name; else empty.
  [[nodiscard]] const std::vector<double>& window() const noexcept { return window_; }
  [[nodiscard]] const std::vector<std::string>& names() const noexcept { return names_; }
  [[nodiscard]] State state() const noexcept {
    return learning_ ? (alarmed_ ? State::drifted : State::learning) : State::steady;
  }
  void restart() { *this = MixWatch(); }

  void save(nlohmann::ordered_json& out) const;
  bool load(const nlohmann::ordered_json& in);

 private:
  static constexpr std::size_t names_max = 16;
  std::size_t category(const std::string& name);

  std::vector<std::string> names_;
  std::vector<double> window_;
  CategoryWatch counts_;
  std::uint64_t seen_ = 0;
  std::int64_t begun_ms_ = 0;
  bool learning_ = true;
  bool alarmed_ = false;
};

}  // namespace triage::drift
