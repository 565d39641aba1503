// What an evaluation means, in words.
#include "base/text.hpp"
#include "offline/report.hpp"
#include "offline/table.hpp"

#include <algorithm>
#include <cmath>

namespace triage::offline {
namespace {

const ScoredResult* find(const Evaluation& found, Scored::Role role) {
  const auto at = std::ranges::find(found.scored, role, &ScoredResult::role);
  return at != found.scored.end() ? &*at : nullptr;
}

std::string by(const Estimate& difference) {
  return with_sign(difference.value, 3) + " [" + with_sign(difference.interval.low, 3) + ", " +
         with_sign(difference.interval.high, 3) + "]";
}

void say_of_route(std::vector<std::string>& out, const Subject& subject, const Evaluation& found) {
  const RouteResult& route = found.route;
  const double share = route.share.value;
  const std::string constant =
      route.constant_is_strong ? "always-strong" : "always-weak (tier " + quoted_name(subject.weak_tier) + ")";
  if (share == 0 || share == 1) {
    out.push_back(
        "The route is a constant: it gives the " + std::string(share == 1 ? "strong" : "weak") +
        " answer to every request. One model does the same" +
        (std::isfinite(route.cost_usd.value) && share == 1 && route.over_random_cost.value < 0 ? " for less." : "."));
    return;
  }
  if (surely_better(route.over_random))
    out.push_back("The route beats random choice at the same share of strong answers, by " + by(route.over_random) +
                  " in quality.");
  else
    out.push_back("The route does NOT beat random choice at the same share of strong answers: " +
                  by(route.over_random) + " in quality.");
  if (surely_better(route.over_constant))
    out.push_back("It beats the best constant model at its cost, " + constant + ", by " + by(route.over_constant) +
                  ".");
  else
    out.push_back("It does NOT beat the best constant model at its cost, " + constant + ": " + by(route.over_constant) +
                  ".");
  if (std::isfinite(route.over_random_cost.value) && !surely_better(route.over_random_cost))
    out.push_back("At the same cost it does not beat random choice: " + by(route.over_random_cost) + ".");
}

void say_of_score(std::vector<std::string>& out, const ScoredResult& main, const Evaluation& found) {
  const std::string title = title_of(main);
  if (main.constant) {
    out.push_back("The score of " + title + " is the same for all rows: no threshold can make a router of it.");
    return;
  }
  const bool ranks = main.apgr_exact.interval.low > 0.5;
  if (!ranks)
    out.push_back("The score of " + title + " does not rank better than chance: APGR " +
                  with_interval(main.apgr_exact, 3) + ", chance is 0.5.");
  else if (!worth_having(found))
    out.push_back("Its score does rank better than chance (" + title + ", APGR " + with_interval(main.apgr_exact, 3) +
                  "): another threshold may help, see `triage sweep`.");
  const ScoredResult* const length = find(found, Scored::Role::length);
  if (length != nullptr && main.apgr_exact.value <= length->apgr_exact.value)
    out.push_back("The length of the prompt alone ranks as well: APGR " + with_interval(length->apgr_exact, 3) + ".");
  const ScoredResult* const group = find(found, Scored::Role::group);
  if (group != nullptr && main.apgr_exact.value <= group->apgr_exact.value)
    out.push_back("Knowing the group alone ranks as well: APGR " + with_interval(group->apgr_exact, 3) + ".");
}

}  // namespace

std::string title_of(const ScoredResult& scored) {
  switch (scored.role) {
    case Scored::Role::router: return "router " + quoted_name(scored.name);
    case Scored::Role::cascade: return "cascade " + quoted_name(scored.name);
    case Scored::Role::given: return "the rows' score";
    case Scored::Role::length: return "prompt length";
    case Scored::Role::group: return "group mean";
    case Scored::Role::oracle: break;
  }
  return "oracle";
}

std::vector<std::string> verdict_words(const Subject& subject, const Evaluation& found) {
  std::vector<std::string> out;
  if (found.strong.value <= found.weak.value)
    out.push_back("On these rows the strong model is not better than the weak one: there is nothing to route for.");
  say_of_route(out, subject, found);
  if (subject.main != Subject::no_main) say_of_score(out, found.scored[subject.main], found);
  return out;
}

}  // namespace triage::offline
