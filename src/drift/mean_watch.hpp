#pragma once
// Has the mean of an outcome in [0,1] moved to the worse side of what it was? An e-detector (statistics/change.hpp)
// against the far end of the reference's interval.

#include "drift/pace.hpp"
#include "statistics/change.hpp"

#include <nlohmann/json_fwd.hpp>
#include <optional>

namespace triage::drift {

class MeanWatch {
 public:
  explicit MeanWatch(statistics::Direction worse) : worse_(worse) {}

  /// The alarm that this outcome raises; it then learns a new reference. Of the reference only `outcomes` counts.
  std::optional<Seen> add(double value, std::int64_t time_ms, const Pace& pace, const ReferenceSize& size);
  [[nodiscard]] State state() const noexcept {
    return detector_ ? State::steady : alarmed_ ? State::drifted : State::learning;
  }
  void restart() { *this = MeanWatch(worse_); }

  void save(nlohmann::ordered_json& out) const;
  bool load(const nlohmann::ordered_json& in, const Pace& pace);

 private:
  statistics::Direction worse_;
  double count_ = 0;  // of the reference, as long as it is learned; then of the detector
  double sum_ = 0;
  double squares_ = 0;
  std::int64_t begun_ms_ = 0;
  std::int64_t tick_ms_ = 0;  // the last that began
  double before_ = 0;
  double baseline_ = 0;
  double recent_ = 0;  // an average over about the last hundred
  bool alarmed_ = false;
  std::optional<statistics::MeanDetector> detector_;
};

}  // namespace triage::drift
