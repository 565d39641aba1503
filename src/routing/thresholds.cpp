#include "routing/thresholds.hpp"

#include "options/type_of.hpp"

#include <algorithm>
#include <cstdio>

namespace triage {

void describe_thresholds(options::Describer& v, ThresholdsSpec& s) {
  v.field({.name = "thresholds",
           .text = "the score from which a tier is picked; below all of them the lowest tier is",
           .most = 1,
           .required = true,
           .entry = "tier"},
          s.by_tier);
  v.field({.name = "band",
           .text = "a score that is less than this below a threshold is uncertain, and picks the higher tier",
           .most = 1},
          s.band);
}

namespace routing {

Thresholds::Thresholds(const ThresholdsSpec& spec, const Surroundings& around) : band_(spec.band) {
  for (const std::string& tier : around.order) {
    const auto is_it = [&tier](const auto& entry) { return entry.first == tier; };
    if (lowest_.empty() && std::ranges::any_of(around.route.tiers, is_it)) lowest_ = tier;
    const auto found = std::ranges::find_if(spec.by_tier, is_it);
    if (found != spec.by_tier.end()) steps_.push_back({tier, found->second});
  }
}

Opinion Thresholds::opinion(double score) const {
  Opinion out;
  if (!(score >= 0 && score <= 1)) {
    out.reason = "the model gave no score between 0 and 1";
    return out;
  }
  out.score = score;
  char text[64];
  for (auto step = steps_.rbegin(); step != steps_.rend(); ++step) {
    if (score < step->threshold - band_) continue;
    out.tier = step->tier;
    out.threshold = step->threshold;
    const bool sure = score >= step->threshold;
    std::snprintf(text, sizeof text, sure ? "%.3f reaches %g" : "%.3f is uncertain: just below %g", score,
                  step->threshold);
    out.reason = text;
    return out;
  }
  out.tier = lowest_;
  out.threshold = steps_.front().threshold;
  std::snprintf(text, sizeof text, "%.3f is below %g", score, steps_.front().threshold);
  out.reason = text;
  return out;
}

void check_thresholds(const options::Checking& in, const RouteSpec& route, const options::Path& at,
                      const ThresholdsSpec& spec) {
  const options::Path section = at / "thresholds";
  if (spec.by_tier.empty() && in.intact(section))
    in.error(section, to_string(section) + " is empty: no tier could be picked but the lowest",
             "write the score from which a tier is picked, as in 'thresholds: {large: 0.6}'");
  std::vector<std::pair<std::ptrdiff_t, const std::pair<std::string, double>*>> found;
  for (const auto& entry : spec.by_tier) {
    in.own_ordered_tier(route, entry.first, section / entry.first);
    if (in.intact(section / entry.first)) found.emplace_back(in.position(entry.first), &entry);
  }
  std::ranges::sort(found);
  auto lowest = static_cast<std::ptrdiff_t>(in.spec().tiers.size());
  for (const auto& [tier, members] : route.tiers) lowest = std::min(lowest, in.position(tier));
  for (std::size_t i = 0; i < found.size(); ++i) {
    const auto& [place, entry] = found[i];
    const options::Path here = section / entry->first;
    if (place == lowest)
      in.error(here, to_string(here) + ": this is the route's lowest tier, which takes what reaches no threshold",
               "remove this threshold");
    else if (i > 0 && entry->second <= found[i - 1].second->second)
      in.error(here,
               to_string(here) + " " + in.shown(here, "") + " is not above the threshold of " +
                   options::in_quotes(found[i - 1].second->first) + ", which is the lower tier",
               "let thresholds rise with the tiers");
  }
}

}  // namespace routing
}  // namespace triage
