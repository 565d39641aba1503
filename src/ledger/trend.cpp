#include "ledger/trend.hpp"

#include "base/unix_time.hpp"
#include "ledger/histogram_sum.hpp"
#include "ledger/reading.hpp"
#include "ledger/rollup.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <utility>
#include <vector>

// A row of `rollups` has all names at once. One pass over the rows adds each to everything it belongs to. They come in
// the order of time and names, so that most have their names from the row before.

namespace triage::ledger {
namespace {

using Json = nlohmann::ordered_json;
using Counts = std::array<std::int64_t, Sums::count_size>;

constexpr std::int64_t minutes_reach_s = 47LL * 3600;  // less than the database keeps
constexpr std::size_t groups_max = 50;

struct Tally {
  Counts counts{};
  std::int64_t errors = 0;
  void add(const Counts& more, bool error) {
    for (std::size_t i = 0; i < counts.size(); ++i)
      if (__builtin_add_overflow(counts[i], more[i], &counts[i])) counts[i] = INT64_MAX;
    if (error) errors += more[Sums::requests];
  }
};
using Numbers = std::map<std::string, std::int64_t, std::less<>>;

// What is known by name; it finds the name that was asked for last at once.
template <class T>
class Named {
 public:
  T& at(std::string_view name) {
    if (last_ != nullptr && last_->first == name) return last_->second;
    auto found = all_.find(name);
    if (found == all_.end()) found = all_.emplace(name, T()).first;
    last_ = &*found;
    return last_->second;
  }
  [[nodiscard]] const auto& all() const noexcept { return all_; }

 private:
  std::map<std::string, T, std::less<>> all_;
  std::pair<const std::string, T>* last_ = nullptr;
};
using Tallies = Named<Tally>;

struct Step {
  Tally tally;
  Named<std::int64_t> tiers, outcomes;
  HistogramSum latency, ttft;
};

constexpr std::array<const char*, 5> dimensions{"route", "tier", "deployment", "key", "model"};

struct Slice {
  double cost = 0, frontier = 0;
};

struct Found {
  std::vector<Step> steps;
  std::array<Tallies, dimensions.size()> by;
  std::vector<Slice> slices;  // a period each
  Named<HistogramSum> tier_latency;
};

Json counts_json(const Tally& tally) {
  Json out;
  for (std::size_t i = 0; i < count_names.size(); ++i) out[std::string(count_names[i])] = tally.counts[i];
  out["errors"] = tally.errors;
  return out;
}

Json times_json(const HistogramSum& sum) {
  const LogHistogram times = sum.histogram();
  if (times.count() == 0) return {};
  return {{"p50", times.percentile_us(0.5) / 1000},
          {"p95", times.percentile_us(0.95) / 1000},
          {"p99", times.percentile_us(0.99) / 1000}};
}

Json group_json(const Tallies& tallies) {
  std::vector<const std::pair<const std::string, Tally>*> sorted;
  for (const auto& each : tallies.all()) sorted.push_back(&each);
  std::ranges::stable_sort(sorted, std::ranges::greater(), [](const auto* each) {
    return std::pair(each->second.counts[Sums::cost_nano_usd], each->second.counts[Sums::requests]);
  });
  Json out = Json::array();
  for (const auto* each : sorted) {
    if (out.size() == groups_max) break;
    Json row{{"name", each->first.empty() ? Json() : Json(each->first)}};
    row.update(counts_json(each->second));
    out.push_back(std::move(row));
  }
  return out;
}

std::string conditions(const TrendOptions& options) {
  std::string sql = " FROM rollups WHERE period_s = ? AND start_unix_s >= ? AND start_unix_s < ?";
  if (options.route) sql += " AND route = ?";
  if (options.tier) sql += " AND tier = ?";
  if (options.deployment) sql += " AND deployment = ?";
  if (options.key) sql += " AND key = ?";
  if (options.model) sql += " AND model = ?";
  return sql;
}

void bind(Statement& statement, const TrendOptions& options, std::int64_t period, std::int64_t since,
          std::int64_t until) {
  statement.bind(1, period);
  statement.bind(2, since);
  statement.bind(3, until);
  int at = 3;
  for (const std::optional<std::string>* name :
       {&options.route, &options.tier, &options.deployment, &options.key, &options.model})
    if (*name) statement.bind(++at, std::string_view(**name));
}

std::string count_columns() {
  std::string out;
  for (const std::string_view name : count_names) out += ", " + std::string(name);
  return out;
}

// Sums of one length, from one time to another.
struct Part {
  std::int64_t period_s = 0, since = 0, until = 0;
};

// What belongs to a period, as a report has it: the minutes of the first hour while they are kept, then hours.
std::vector<Part> parts_of(std::int64_t from, std::int64_t until, bool minutes, bool recent) {
  if (minutes) return {{Rollups::minute_s, from, until}};
  if (!recent) return {{Rollups::hour_s, from, until}};
  const std::int64_t first_hour = std::min(floor_to(from + Rollups::hour_s - 1, Rollups::hour_s), until);
  return {{Rollups::minute_s, from, first_hour}, {Rollups::hour_s, first_hour, until}};
}

void read(Found& out, Database& database, const TrendOptions& options, const Part& part, std::int64_t since,
          std::int64_t step) {
  Statement row =
      database.prepare("SELECT start_unix_s, route, tier, deployment, key, model, outcome" + count_columns() +
                       ", latency, ttft" + conditions(options) + " ORDER BY start_unix_s");
  bind(row, options, part.period_s, part.since, part.until);
  constexpr int names = 1;
  constexpr int first_count = 7;
  constexpr int histograms = first_count + Sums::count_size;
  std::int64_t last = -1;
  while (row.step()) {
    const std::int64_t start = row.whole(0);
    Step& at = out.steps.at(static_cast<std::size_t>((start - since) / step));
    Counts counts{};
    for (int i = 0; i < Sums::count_size; ++i) counts[static_cast<std::size_t>(i)] = row.whole(first_count + i);
    const std::string_view outcome = row.text(first_count - 1);
    const std::string_view tier = row.text(names + 1);
    const bool error = outcome.ends_with("_error");
    at.tally.add(counts, error);
    at.latency.add_encoded(row.text(histograms));
    at.ttft.add_encoded(row.text(histograms + 1));
    out.tier_latency.at(tier).add_encoded(row.text(histograms));
    if (counts[Sums::requests] > 0) {
      at.tiers.at(tier) += counts[Sums::requests];
      at.outcomes.at(outcome) += counts[Sums::requests];
    }
    for (std::size_t i = 0; i < dimensions.size(); ++i)
      out.by[i].at(row.text(names + static_cast<int>(i))).add(counts, error);
    if (std::exchange(last, start) != start) out.slices.emplace_back();
    out.slices.back().cost += static_cast<double>(counts[Sums::cost_nano_usd]);
    out.slices.back().frontier += static_cast<double>(counts[Sums::frontier_cost_nano_usd]);
  }
}

Tally read_before(Database& database, const TrendOptions& options, std::int64_t period, std::int64_t since,
                  std::int64_t until) {
  std::string sums;
  for (const std::string_view name : count_names) sums += ", total(" + std::string(name) + ")";
  Statement row =
      database.prepare("SELECT total(CASE WHEN outcome LIKE '%\\_error' ESCAPE '\\' THEN requests ELSE 0 END)" + sums +
                       conditions(options));
  bind(row, options, period, since, until);
  Tally out;
  if (!row.step()) return out;
  out.errors = row.whole(0);
  for (int i = 0; i < Sums::count_size; ++i) out.counts[static_cast<std::size_t>(i)] = row.whole(i + 1);
  return out;
}

Json step_json(const Step& step, std::int64_t start) {
  Json out{{"start_unix_s", start}};
  out.update(counts_json(step.tally));
  out["tiers"] = step.tiers.all();
  out["outcomes"] = step.outcomes.all();
  out["latency_ms"] = times_json(step.latency);
  out["ttft_ms"] = times_json(step.ttft);
  return out;
}

Json savings_json(const Found& found) {
  Saved saved;
  for (const Slice& slice : found.slices) saved.add(slice.cost, slice.frontier);
  const auto share = saved.share();
  if (!share) return {};
  return {{"estimate", share->estimate}, {"low", share->low}, {"high", share->high}, {"slices", share->slices}};
}

}  // namespace

void Saved::add(double cost, double frontier) {
  if (frontier <= 0) return;
  ++n_;
  cost_ += cost;
  frontier_ += frontier;
  cost2_ += cost * cost;
  both_ += cost * frontier;
  frontier2_ += frontier * frontier;
}

std::optional<SavedShare> Saved::share() const {
  constexpr std::size_t slices_min = 10;
  constexpr double z = 1.96;
  if (n_ < slices_min || frontier_ <= 0) return std::nullopt;
  const auto n = static_cast<double>(n_);
  const double ratio = cost_ / frontier_;
  const double squares = std::max(0.0, cost2_ - 2 * ratio * both_ + ratio * ratio * frontier2_);
  const double half = z * std::sqrt(n / (n - 1) * squares) / frontier_;
  return SavedShare{1 - ratio, 1 - ratio - half, 1 - ratio + half, n_};
}

std::int64_t trend_step_s(std::int64_t span_s) noexcept {
  constexpr std::array<std::int64_t, 11> steps{60,   120,   300,        900,         1800,       3600,
                                               7200, 10800, 6LL * 3600, 12LL * 3600, 24LL * 3600};
  for (const std::int64_t step : steps)
    if (span_s <= step * 120) return step;
  return steps.back() * ((span_s + steps.back() * 120 - 1) / (steps.back() * 120));
}

Json trend(const TrendOptions& options) {
  Database database = database_to_read(options.folder);
  database.execute("BEGIN");  // all of it from one moment
  const std::int64_t now = now_unix_ms() / 1000;
  std::int64_t step = trend_step_s(options.until_unix_s - options.since_unix_s);
  const bool recent = options.since_unix_s >= now - minutes_reach_s;
  const bool minutes = step < 900 && recent;  // a day of minutes has many more rows than it has points
  if (!minutes) step = std::max<std::int64_t>(step, Rollups::hour_s);
  const std::int64_t from = floor_to(options.since_unix_s, recent ? Rollups::minute_s : Rollups::hour_s);
  const std::int64_t since = floor_to(from, step);
  Found found;
  found.steps.resize(
      static_cast<std::size_t>(std::max<std::int64_t>(0, (options.until_unix_s - since + step - 1) / step)));
  for (const Part& part : parts_of(from, options.until_unix_s, minutes, recent))
    read(found, database, options, part, since, step);

  Tally total;
  HistogramSum latency, ttft;
  Numbers outcomes, tiers;
  Json series = Json::array();
  for (std::size_t i = 0; i < found.steps.size(); ++i) {
    const Step& each = found.steps[i];
    total.add(each.tally.counts, false);
    total.errors += each.tally.errors;
    latency.add(each.latency);
    ttft.add(each.ttft);
    for (const auto& [name, count] : each.outcomes.all()) outcomes[name] += count;
    for (const auto& [name, count] : each.tiers.all()) tiers[name] += count;
    series.push_back(step_json(each, since + static_cast<std::int64_t>(i) * step));
  }
  Json out{{"since_unix_s", from}, {"until_unix_s", options.until_unix_s}, {"step_s", step}};
  out["last_unix_ms"] = database.number("SELECT max(time_unix_ms) FROM requests").value_or(0);
  out["total"] = counts_json(total);
  out["total"]["latency_ms"] = times_json(latency);
  out["total"]["ttft_ms"] = times_json(ttft);
  out["total"]["outcomes"] = outcomes;
  out["total"]["tiers"] = tiers;
  const Tally before = read_before(database, options, minutes ? Rollups::minute_s : Rollups::hour_s,
                                   2 * from - options.until_unix_s, from);
  out["before"] = before.counts[Sums::requests] > 0 ? counts_json(before) : Json();
  out["savings"] = savings_json(found);
  out["series"] = std::move(series);
  for (std::size_t i = 0; i < dimensions.size(); ++i) out["by"][dimensions[i]] = group_json(found.by[i]);
  for (Json& tier : out["by"]["tier"]) {
    const HistogramSum& times =
        found.tier_latency.all().find(tier["name"].is_null() ? "" : tier["name"].get<std::string>())->second;
    tier["latency_ms"] = times_json(times);
    if (tier["latency_ms"].is_null()) continue;
    tier["latency_ms"]["mean"] = times.mean().us / 1000;
    tier["latency_ms"]["mean_half"] = times.mean().half_us / 1000;
  }
  return out;
}

}  // namespace triage::ledger
