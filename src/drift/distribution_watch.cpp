#include "drift/distribution_watch.hpp"

#include "base/hash.hpp"
#include "statistics/stability.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

namespace triage::drift {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t categories_max = 10;
constexpr std::size_t sample_max = 4'000;
constexpr std::size_t no_place = static_cast<std::size_t>(-1);

// Where the number goes that is the `seen`-th of a stream, in a uniform sample of it (Vitter's algorithm R); the same
// after every restart.
std::size_t place_in_sample(std::uint64_t seen, std::size_t size) noexcept {
  if (seen < size) return static_cast<std::size_t>(seen);
  const std::uint64_t drawn =
      stable_hash64(std::string_view(reinterpret_cast<const char*>(&seen), sizeof seen)) % (seen + 1);
  return drawn < size ? static_cast<std::size_t>(drawn) : no_place;
}

bool all_finite(const std::vector<double>& numbers) {
  return std::ranges::all_of(numbers, [](double number) { return std::isfinite(number); });
}

}  // namespace

void CategoryWatch::learn(std::size_t category, std::size_t categories) {
  reference_.resize(std::max(reference_.size(), categories), 0);
  ++reference_[category];
}

void CategoryWatch::begin(std::int64_t time_ms) noexcept {
  current_.assign(reference_.size(), 0);
  count_ = 0;
  begun_ms_ = time_ms;
}

std::optional<Seen> CategoryWatch::add(std::size_t category, std::int64_t time_ms, const Pace& pace) {
  if (category >= current_.size()) {
    current_.resize(category + 1, 0);
    reference_.resize(category + 1, 0);
  }
  if (count_ == 0) begun_ms_ = time_ms;
  ++current_[category];
  ++count_;
  if (count_ < count_min || time_ms - begun_ms_ < pace.window_ms) return std::nullopt;
  const double all = std::accumulate(reference_.begin(), reference_.end(), 0.0);
  const double bound =
      statistics::stability_threshold(std::max<std::size_t>(reference_.size(), 2), all, count_, pace.per_window());
  const Seen out{0, statistics::stability_index(reference_, current_), std::max(bound, index_min)};
  last_ = current_;
  begin(time_ms);
  return out;
}

void CategoryWatch::save(Json& out) const {
  out = {{"reference", reference_}, {"current", current_}, {"last", last_}, {"count", count_}, {"begun_ms", begun_ms_}};
}

bool CategoryWatch::load(const Json& in) {
  CategoryWatch loaded;
  in.at("reference").get_to(loaded.reference_);
  in.at("current").get_to(loaded.current_);
  in.at("last").get_to(loaded.last_);
  in.at("count").get_to(loaded.count_);
  in.at("begun_ms").get_to(loaded.begun_ms_);
  if (loaded.current_.size() > loaded.reference_.size() || !all_finite(loaded.reference_) ||
      !all_finite(loaded.current_))
    return false;
  *this = std::move(loaded);
  return true;
}

std::optional<Seen> NumberWatch::add(double value, std::int64_t time_ms, const Pace& pace, const ReferenceSize& size) {
  if (!std::isfinite(value)) return std::nullopt;
  if (!edges_.empty()) {
    const auto seen = counts_.add(category(value), time_ms, pace);
    if (!seen || !counts_.passed(*seen)) return std::nullopt;
    restart();
    alarmed_ = true;
    return seen;
  }
  if (seen_ == 0) begun_ms_ = time_ms;
  const std::size_t most = std::min<std::size_t>(size.outcomes, sample_max);
  if (const std::size_t at = place_in_sample(seen_++, most); at < sample_.size())
    sample_[at] = value;
  else if (at != no_place)
    sample_.push_back(value);
  if (seen_ < size.outcomes || time_ms - begun_ms_ < pace.window_ms * size.windows) return std::nullopt;
  std::ranges::sort(sample_);
  for (std::size_t i = 1; i < categories_max; ++i) {
    const double edge = sample_[i * sample_.size() / categories_max];
    if (edges_.empty() || edge > edges_.back()) edges_.push_back(edge);
  }
  for (const double each : sample_) counts_.learn(category(each), edges_.size() + 1);
  counts_.begin(time_ms);
  sample_ = {};
  alarmed_ = false;
  return std::nullopt;
}

std::size_t NumberWatch::category(double value) const {
  return static_cast<std::size_t>(std::ranges::lower_bound(edges_, value) - edges_.begin());
}

void NumberWatch::save(Json& out) const {
  Json counts;
  counts_.save(counts);
  out = {{"sample", sample_}, {"seen", seen_},    {"begun_ms", begun_ms_},
         {"edges", edges_},   {"counts", counts}, {"alarmed", alarmed_}};
}

bool NumberWatch::load(const Json& in) {
  NumberWatch loaded;
  in.at("sample").get_to(loaded.sample_);
  in.at("seen").get_to(loaded.seen_);
  in.at("begun_ms").get_to(loaded.begun_ms_);
  in.at("edges").get_to(loaded.edges_);
  in.at("alarmed").get_to(loaded.alarmed_);
  if (loaded.sample_.size() > sample_max || loaded.edges_.size() >= categories_max ||
      !loaded.counts_.load(in.at("counts")))
    return false;
  *this = std::move(loaded);
  return true;
}

std::size_t MixWatch::category(const std::string& name) {
  const auto found = std::ranges::find(names_, name);
  if (found != names_.end()) return static_cast<std::size_t>(found - names_.begin());
  if (names_.size() < names_max) {
    names_.push_back(name);
    return names_.size() - 1;
  }
  return names_max;
}

std::optional<Seen> MixWatch::add(const std::string& name, std::int64_t time_ms, const Pace& pace,
                                  const ReferenceSize& size) {
  window_.clear();
  const std::size_t at = category(name);
  if (learning_) {
    if (seen_++ == 0) begun_ms_ = time_ms;
    counts_.learn(at, at + 1);
    if (seen_ < size.outcomes || time_ms - begun_ms_ < pace.window_ms * size.windows) return std::nullopt;
    counts_.begin(time_ms);
    learning_ = alarmed_ = false;
    return std::nullopt;
  }
  const auto seen = counts_.add(at, time_ms, pace);
  if (!seen) return std::nullopt;
  window_ = counts_.last_window();
  if (!counts_.passed(*seen)) return std::nullopt;
  counts_ = CategoryWatch();
  seen_ = 0;
  learning_ = alarmed_ = true;
  return seen;
}

void MixWatch::save(Json& out) const {
  Json counts;
  counts_.save(counts);
  out = {{"names", names_},       {"counts", counts},      {"seen", seen_},
         {"begun_ms", begun_ms_}, {"learning", learning_}, {"alarmed", alarmed_}};
}

bool MixWatch::load(const Json& in) {
  MixWatch loaded;
  in.at("names").get_to(loaded.names_);
  in.at("seen").get_to(loaded.seen_);
  in.at("begun_ms").get_to(loaded.begun_ms_);
  in.at("learning").get_to(loaded.learning_);
  in.at("alarmed").get_to(loaded.alarmed_);
  if (loaded.names_.size() > names_max || !loaded.counts_.load(in.at("counts"))) return false;
  *this = std::move(loaded);
  return true;
}

}  // namespace triage::drift
