#include "drift/mean_watch.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace triage::drift {
namespace {

using Json = nlohmann::ordered_json;

constexpr double z = 3;  // of the reference's interval: one reference in 700 lies beyond
constexpr double recently = 100;

// The far end of the interval of a mean, by its variance, or, for shares near 0 or 1, by Wilson's score.
double far_end(double count, double sum, double squares, statistics::Direction worse) {
  const double mean = sum / count;
  const double variance = std::max(squares / count - mean * mean, 0.0);
  const double zz = z * z / count;
  const double sign = worse == statistics::Direction::up ? 1 : -1;
  const double spread = z * std::sqrt(variance / count + zz / (4 * count));
  return std::clamp((mean + zz / 2 + sign * spread) / (1 + zz), 0.0, 1.0);
}

}  // namespace

std::optional<Seen> MeanWatch::add(double value, std::int64_t time_ms, const Pace& pace, const ReferenceSize& size) {
  if (!std::isfinite(value)) return std::nullopt;
  value = std::clamp(value, 0.0, 1.0);
  if (!detector_) {
    if (count_ == 0) begun_ms_ = time_ms;
    ++count_;
    sum_ += value;
    squares_ += value * value;
    if (count_ < size.outcomes || time_ms - begun_ms_ < pace.window_ms * size.windows) return std::nullopt;
    before_ = recent_ = sum_ / count_;
    baseline_ = far_end(count_, sum_, squares_, worse_);
    detector_.emplace(baseline_, worse_, pace.ticks());
    tick_ms_ = 0;
    alarmed_ = false;
    return std::nullopt;
  }
  const bool begins = time_ms - tick_ms_ >= pace.tick_ms();
  if (begins) tick_ms_ = time_ms;
  recent_ += (value - recent_) / recently;
  if (!detector_->add(value, begins)) return std::nullopt;
  const Seen out{before_, recent_, baseline_};
  restart();
  alarmed_ = true;
  return out;
}

void MeanWatch::save(Json& out) const {
  out = {{"count", count_},       {"sum", sum_},         {"squares", squares_},
         {"begun_ms", begun_ms_}, {"tick_ms", tick_ms_}, {"before", before_},
         {"baseline", baseline_}, {"recent", recent_},   {"alarmed", alarmed_}};
  if (detector_) out["detector"] = detector_->save();
}

bool MeanWatch::load(const Json& in, const Pace& pace) {
  MeanWatch loaded(worse_);
  in.at("count").get_to(loaded.count_);
  in.at("sum").get_to(loaded.sum_);
  in.at("squares").get_to(loaded.squares_);
  in.at("begun_ms").get_to(loaded.begun_ms_);
  in.at("tick_ms").get_to(loaded.tick_ms_);
  in.at("before").get_to(loaded.before_);
  in.at("baseline").get_to(loaded.baseline_);
  in.at("recent").get_to(loaded.recent_);
  in.at("alarmed").get_to(loaded.alarmed_);
  if (const auto found = in.find("detector"); found != in.end()) {
    loaded.detector_.emplace(loaded.baseline_, worse_, pace.ticks());
    if (!loaded.detector_->load(found->get<std::vector<double>>())) return false;
  }
  *this = std::move(loaded);
  return true;
}

}  // namespace triage::drift
