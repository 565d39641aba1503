#include "offline/replay_report.hpp"

#include "base/text.hpp"
#include "offline/table.hpp"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <nlohmann/json.hpp>

namespace triage::offline {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t few = 20;
constexpr double ms_a_day = 86'400'000;

std::string day_of(std::int64_t unix_ms) {
  const std::time_t seconds = unix_ms / 1000;
  std::tm parts{};
  char text[32];
  gmtime_r(&seconds, &parts);
  return {text, std::strftime(text, sizeof text, "%Y-%m-%d", &parts)};
}

bool is_cost(const ReplayMeasure& measure) {
  return measure.name == "cost_usd";
}

std::string shown(const ReplayMeasure& measure, double value) {
  return is_cost(measure) ? usd(value) : fixed(value, 3);
}

std::string shown(const ReplayMeasure& measure, const Estimate& estimate) {
  if (!std::isfinite(estimate.value)) return "-";
  const std::string sign = is_cost(measure) && estimate.value < 0 ? "-" : "";
  std::string out = sign + shown(measure, sign.empty() ? estimate.value : -estimate.value);
  if (!std::isfinite(estimate.interval.low)) return out;
  const auto end = [&](double value) {
    return value < 0 && is_cost(measure) ? "-" + shown(measure, -value) : shown(measure, value);
  };
  return out + " [" + end(estimate.interval.low) + ", " + end(estimate.interval.high) + "]";
}

std::string title_of(const ReplayMeasure& measure) {
  if (is_cost(measure)) return "cost a request";
  return "quality (" + measure.source + ", " + grouped(measure.known) + " known)";
}

// Why a policy's value is not known, and what is known all the same.
std::string untold(const ReplayMeasure& measure, const PolicyValue& value, const char* policy) {
  if (measure.known == 0)
    return title_of(measure) + " under " + policy + " " + cannot_be_told + ": no outcome is known";
  if (value.few)
    return title_of(measure) + " under " + policy + " " + cannot_be_told +
           ": too few of the requests, or of their units, got what it would do (worth " + fixed(value.effective, 0) +
           " requests of its own)";
  std::string out = title_of(measure) + " under " + policy + " " + cannot_be_told + ": for " + percent(value.lacking) +
                    " of the requests it would do what was not done with such requests";
  const double low = value.bounds.low;
  const double high = std::min(value.bounds.high, 1.0);
  if (!is_cost(measure)) out += "; it is between " + fixed(low, 3) + " and " + fixed(high, 3) + " whatever these give";
  return out;
}

void add_rows(Table& table, const ReplayMeasure& measure) {
  const auto row = [&](const std::string& name, const Estimate PolicyValue::*which, const std::string& difference) {
    table.row({name, shown(measure, measure.before.*which), shown(measure, measure.after.*which), difference});
  };
  row(title_of(measure), &PolicyValue::dr, shown(measure, measure.difference));
  row("  by IPS", &PolicyValue::ips, "");
  row("  by SNIPS", &PolicyValue::snips, "");
}

std::string heading(const ReplayFound& found) {
  std::string out =
      "route " + quoted_name(found.route) + ": " + grouped(found.requests) + " requests in " + found.ledger;
  if (found.requests > 0) out += ", from " + day_of(found.first_unix_ms) + " to " + day_of(found.last_unix_ms);
  out += "\n  OLD is " + found.before + ", NEW is " + found.after + "\n";
  return out;
}

std::string decisions(const ReplayFound& found) {
  const auto share = [&](std::size_t some) {
    return grouped(some) + " (" + percent(static_cast<double>(some) / static_cast<double>(found.requests)) + ")";
  };
  std::size_t moved = 0;
  for (const auto& [tiers, count] : found.moves) moved += count;
  std::string out = "both decide the same for " + share(found.same) + "; NEW decides otherwise for " + share(moved);
  if (found.undecided > 0) out += "; for " + share(found.undecided) + " it cannot be said";
  out += "\n";
  for (const auto& [tiers, count] : found.moves)
    out += "  " + share(count) +
           (tiers.first == tiers.second ? " stay at " + tiers.first + ", but to other deployments or weights"
                                        : " go from " + tiers.first + " to " + tiers.second) +
           "\n";
  return out;
}

std::string saving(const ReplayFound& found) {
  const Estimate& less = found.cost.difference;
  if (!std::isfinite(less.value) || found.requests == 0) return "";
  const double days = std::max(static_cast<double>(found.last_unix_ms - found.first_unix_ms) / ms_a_day, 1.0);
  const double a_day = std::abs(less.value) * static_cast<double>(found.requests) / days;
  const bool sure = less.interval.low > 0 || less.interval.high < 0;
  return std::string("NEW ") + (less.value > 0 ? "costs " : "saves ") + usd(std::abs(less.value)) + " a request, " +
         usd(a_day) + " a day at this traffic" +
         (sure ? "" : " (its interval contains 0: there may be no difference)") + "\n";
}

const char* word_of(Kept kept) {
  return kept == Kept::yes ? "kept" : kept == Kept::no ? "violated" : "cannot be told";
}

// Whether after - factor * before is surely on the right side of `limit`.
GateResult gate(const ReplayMeasure& measure, const ReplayBound& bound, bool upper) {
  const std::string option = (upper ? "--max-cost " : "--min-quality ") + bound.written;
  GateResult out;
  const bool told = measure.after.told && (!bound.relative || measure.before.told);
  if (!told) {
    const bool blame_after = !measure.after.told;
    out.text =
        option + ": " + untold(measure, blame_after ? measure.after : measure.before, blame_after ? "NEW" : "OLD");
    return out;
  }
  const Estimate found = bound.relative ? measure.less(bound.value) : measure.after.dr;
  const double limit = bound.relative ? 0 : bound.value;
  const bool kept = upper ? found.interval.high <= limit : found.interval.low >= limit;
  const bool violated = upper ? found.interval.low > limit : found.interval.high < limit;
  out.kept = kept ? Kept::yes : violated ? Kept::no : Kept::unknown;
  out.text = option + ": " + word_of(out.kept) + ": " + title_of(measure) + " under NEW is " +
             shown(measure, measure.after.dr);
  if (bound.relative) out.text += ", under OLD " + shown(measure, measure.before.dr);
  if (out.kept == Kept::unknown) out.text += "; the bound is inside the interval, so it " + std::string(cannot_be_told);
  return out;
}

Json number(double value) {
  return std::isfinite(value) ? Json(value) : Json();
}

Json estimate_json(const Estimate& estimate) {
  Json out{{"value", number(estimate.value)}, {"interval", nullptr}};
  if (std::isfinite(estimate.interval.low)) out["interval"] = {estimate.interval.low, estimate.interval.high};
  return out;
}

Json value_json(const PolicyValue& value, bool cost) {
  return {{"told", value.told},
          {"lacking_share", value.lacking},
          {"effective_requests", value.effective},
          {"ips", estimate_json(value.ips)},
          {"snips", estimate_json(value.snips)},
          {"doubly_robust", estimate_json(value.dr)},
          {"bounds", cost ? Json() : Json{number(value.bounds.low), number(std::min(value.bounds.high, 1.0))}}};
}

Json measure_json(const ReplayMeasure& measure, std::size_t requests) {
  const bool cost = is_cost(measure);
  Json out{{"known", measure.known},
           {"known_share", requests > 0 ? static_cast<double>(measure.known) / static_cast<double>(requests) : 0}};
  if (!cost) out["source"] = measure.source;
  out["told"] = measure.before.told && measure.after.told;
  out["old"] = value_json(measure.before, cost);
  out["new"] = value_json(measure.after, cost);
  out["difference"] = estimate_json(measure.difference);
  return out;
}

Json gate_json(const std::optional<GateResult>& gate) {
  if (!gate) return {};
  return {{"result", word_of(gate->kept)}, {"text", gate->text}};
}

}  // namespace

std::size_t main_quality(const std::vector<ReplayMeasure>& quality) {
  std::optional<std::size_t> first;
  for (std::size_t i = 0; i < quality.size(); ++i) {
    if (quality[i].source == "signals" || quality[i].known < few) continue;
    if (quality[i].before.told && quality[i].after.told) return i;
    if (!first) first = i;
  }
  return first.value_or(quality.size() - 1);
}

GateResult gate_max_cost(const ReplayMeasure& cost, const ReplayBound& bound) {
  return gate(cost, bound, true);
}

GateResult gate_min_quality(const ReplayMeasure& quality, const ReplayBound& bound) {
  return gate(quality, bound, false);
}

std::string replay_text(const ReplayFound& found) {
  std::string out = heading(found);
  if (found.requests == 0) {
    out += "there is nothing to replay: what NEW would give " + std::string(cannot_be_told) + "\n";
  } else {
    out += "\n" + decisions(found) + "\n";
    Table table;
    table.row({"", "OLD", "NEW", "NEW less OLD"});
    add_rows(table, found.cost);
    for (const ReplayMeasure& measure : found.quality) add_rows(table, measure);
    out += table.text() +
           "  doubly robust unless it says otherwise; 95 % intervals; requests of one unit count together\n";
    out += "\n" + saving(found);
    const auto tell = [&](const ReplayMeasure& measure) {
      if (!measure.before.told) out += untold(measure, measure.before, "OLD") + "\n";
      if (!measure.after.told) out += untold(measure, measure.after, "NEW") + "\n";
    };
    tell(found.cost);
    for (const ReplayMeasure& measure : found.quality) tell(measure);
  }
  for (const std::string& note : found.notes) out += "note: " + note + "\n";
  for (const auto* gate : {&found.cost_gate, &found.quality_gate})
    if (*gate) out += (*gate)->text + "\n";
  return out;
}

Json replay_json(const ReplayFound& found) {
  Json moves = Json::array();
  for (const auto& [tiers, count] : found.moves)
    moves.push_back({{"from", tiers.first}, {"to", tiers.second}, {"requests", count}});
  Json quality = Json::array();
  for (const ReplayMeasure& measure : found.quality) quality.push_back(measure_json(measure, found.requests));
  const bool told = found.cost.before.told && found.cost.after.told && !found.quality.empty() &&
                    found.quality[found.main].before.told && found.quality[found.main].after.told;
  Json out{{"route", found.route},
           {"old", found.before},
           {"new", found.after},
           {"ledger", found.ledger},
           {"requests", found.requests},
           {"first_unix_ms", found.requests > 0 ? Json(found.first_unix_ms) : Json()},
           {"last_unix_ms", found.requests > 0 ? Json(found.last_unix_ms) : Json()},
           {"decisions", {{"same", found.same}, {"undecided", found.undecided}, {"moves", moves}}},
           {"told", told},
           {"cost_usd", measure_json(found.cost, found.requests)},
           {"quality", found.quality.empty() ? Json() : measure_json(found.quality[found.main], found.requests)},
           {"qualities", std::move(quality)},
           {"max_cost", gate_json(found.cost_gate)},
           {"min_quality", gate_json(found.quality_gate)},
           {"notes", found.notes}};
  if (!told) out["verdict"] = cannot_be_told;
  return out;
}

}  // namespace triage::offline
