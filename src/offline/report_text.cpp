#include "base/text.hpp"
#include "offline/report.hpp"
#include "offline/table.hpp"

#include <cmath>

namespace triage::offline {
namespace {

std::string heading(const Subject& subject, const Evaluation& found) {
  std::string out =
      "route " + quoted_name(subject.route) + " on " + subject.data + ": " + grouped(found.rows) + " rows";
  if (found.questions < found.rows)
    out += ", but only " + grouped(found.questions) + " different questions (rows of one question count together)";
  out += "\n  95 % intervals from " + grouped(found.resampling.resamples) + " resamples, seed " +
         std::to_string(found.resampling.seed) + "\n  tier " + quoted_name(subject.weak_tier) + " is weak; ";
  if (subject.strong_tiers.empty()) return out + "there is no other\n";
  for (const std::string& tier : subject.strong_tiers)
    out += (&tier == subject.strong_tiers.data() ? "" : ", ") + quoted_name(tier);
  return out + (subject.strong_tiers.size() == 1 ? " is strong\n" : " are strong\n");
}

std::string choices(const Subject& subject, const Evaluation& found) {
  const RouteResult& route = found.route;
  Table table;
  table.row({"", "quality", "strong answers", "cost a request"});
  const auto constant = [&](const char* name, const Estimate& quality, double share, const Estimate& cost) {
    table.row({name, with_interval(quality, 3), percent(share), usd(cost.value)});
  };
  constant("always weak", found.weak, 0, found.cost_weak_usd);
  table.row({"this route", with_interval(route.quality, 3), percent(route.share.value), usd(route.cost_usd.value)});
  table.row(
      {"random, same share", fixed(route.quality.value - route.over_random.value, 3), percent(route.share.value)});
  if (std::isfinite(route.over_random_cost.value))
    table.row({"random, same cost", fixed(route.quality.value - route.over_random_cost.value, 3), "",
               usd(route.cost_usd.value)});
  table.row({"best constant, same cost", fixed(route.quality.value - route.over_constant.value, 3),
             route.constant_is_strong ? "always strong" : "always weak"});
  constant("always strong", found.strong, 1, found.cost_strong_usd);
  table.row({"oracle", fixed(found.oracle_quality, 3),
             percent(static_cast<double>(route.hard) / static_cast<double>(found.rows))});
  return table.text() + (subject.notes.empty() ? "" : "\n");
}

std::string part(std::size_t some, std::size_t all, const char* what) {
  return grouped(some) + " of " + grouped(all) + " " + what +
         (all > 0 ? " (" + percent(static_cast<double>(some) / static_cast<double>(all)) + ")" : "");
}

std::string mistakes(const RouteResult& route) {
  std::string out = "decisions: right for " + percent(route.accuracy.value) + " of the rows\n";
  out += "  cost inflation: " + part(route.easy_up, route.easy, "easy rows went up");
  if (std::isfinite(route.inflation_usd)) out += ", which costs " + usd(route.inflation_usd) + " a request";
  out += "\n  quality loss: " + part(route.hard_down, route.hard, "hard rows stayed down") + ", which costs " +
         fixed(route.lost_quality, 3) + " in quality\n";
  return out + "  (easy: the weak answer is at least as good; hard: the strong one is better)\n";
}

std::string rankings(const Subject& subject, const Evaluation& found) {
  Table table;
  table.row(
      {"scores", "APGR", "CPT20", "CPT50", "CPT80", "exact APGR", "at equal cost", "at this share", "at this cost"});
  for (const ScoredResult& each : found.scored) {
    const bool main = subject.main != Subject::no_main && &each == &found.scored[subject.main];
    table.row({title_of(each) + (main ? " *" : ""), with_interval(each.apgr, 3), percent(each.cpt[0].value),
               percent(each.cpt[1].value), percent(each.cpt[2].value), with_interval(each.apgr_exact, 3),
               fixed(each.apgr_cost.value, 3), fixed(each.quality_at_share, 3), fixed(each.quality_at_cost, 3)});
  }
  return table.text() +
         "  APGR and CPT as RouteLLM computes them (ten quantiles, trapezoids); exact: every threshold, ties drawn at\n"
         "  random, so chance is 0.5; at equal cost: exact, over cost; at this share, this cost: quality at the "
         "route's own\n";
}

}  // namespace

std::string evaluation_text(const Subject& subject, const Evaluation& found) {
  std::string out = heading(subject, found) + "\n" + choices(subject, found);
  for (const std::string& note : subject.notes) out += "  note: " + note + "\n";
  out += "\n" + mistakes(found.route) + "\n" + rankings(subject, found) + "\n";
  for (const std::string& sentence : verdict_words(subject, found)) out += sentence + "\n";
  return out;
}

}  // namespace triage::offline
