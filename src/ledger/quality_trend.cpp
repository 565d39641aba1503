#include "ledger/quality_trend.hpp"

#include "ledger/grades.hpp"
#include "ledger/reading.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <map>
#include <vector>

namespace triage::ledger {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<const char*, 5> signal_names{"refusal", "hedging", "truncated", "schema_failure", "retry"};

struct Mean {
  std::int64_t count = 0;
  double sum = 0;
  void add(double value) {
    ++count;
    sum += value;
  }
  void add(const Mean& other) {
    count += other.count;
    sum += other.sum;
  }
  [[nodiscard]] Json json() const {
    return {{"values", count}, {"mean", count > 0 ? Json(sum / static_cast<double>(count)) : Json()}};
  }
};

struct Step {
  std::array<Mean, signal_names.size()> signals;
  Mean feedback, completed, grade;
  void add(const Step& other) {
    for (std::size_t i = 0; i < signals.size(); ++i) signals[i].add(other.signals[i]);
    feedback.add(other.feedback);
    completed.add(other.completed);
    grade.add(other.grade);
  }
  [[nodiscard]] Json json() const {
    Json out;
    for (std::size_t i = 0; i < signals.size(); ++i) out["signals"][signal_names[i]] = signals[i].json();
    out["feedback"] = feedback.json();
    out["task_completed"] = completed.json();
    out["judge"] = grade.json();
    return out;
  }
};

// "refusal":true in a small object that this program wrote.
void read_signals(Step& step, std::string_view json) {
  const Json found = Json::parse(json, nullptr, false);
  if (!found.is_object()) return;
  for (std::size_t i = 0; i < signal_names.size(); ++i)
    if (const auto at = found.find(signal_names[i]); at != found.end() && at->is_boolean())
      step.signals[i].add(at->get<bool>() ? 1 : 0);
}

std::int64_t first_seq(Database& database, std::int64_t since_unix_ms) {
  return database
      .number("SELECT seq FROM requests WHERE time_unix_ms >= " + std::to_string(since_unix_ms) +
              " ORDER BY time_unix_ms LIMIT 1")
      .value_or(INT64_MAX);
}

// True if not all requests were looked at.
bool read_requests(Database& database, const QualityTrendOptions& options, std::vector<Step>& steps) {
  Statement row =
      database.prepare(std::string("SELECT signals FROM requests WHERE time_unix_ms >= ? AND time_unix_ms < "
                                   "? AND shadow_of IS NULL") +
                       (options.route ? " AND route IS ?" : "") + " ORDER BY time_unix_ms LIMIT ?");
  bool sampled = false;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const std::int64_t start = options.since_unix_ms + static_cast<std::int64_t>(i) * options.step_ms;
    int at = 0;
    row.bind(++at, start);
    row.bind(++at, start + options.step_ms);
    if (options.route) row.bind(++at, std::string_view(*options.route));
    row.bind(++at, quality_sample);
    std::int64_t seen = 0;
    for (; row.step(); ++seen)
      if (!row.is_null(0)) read_signals(steps[i], row.text(0));
    row.reset();
    sampled = sampled || seen == quality_sample;
  }
  return sampled;
}

template <class Take>
void read_events(Database& database, const QualityTrendOptions& options, const std::string& columns,
                 const std::string& table, std::int64_t seq, Take take) {
  Statement row = database.prepare("SELECT time_unix_ms, " + columns + " FROM " + table +
                                   " WHERE seq >= ? AND time_unix_ms >= ? AND time_unix_ms < ?" +
                                   (options.route ? " AND route IS ?" : ""));
  row.bind(1, seq);
  row.bind(2, options.since_unix_ms);
  row.bind(3, options.until_unix_ms);
  if (options.route) row.bind(4, std::string_view(*options.route));
  while (row.step()) take(static_cast<std::size_t>((row.whole(0) - options.since_unix_ms) / options.step_ms), row);
}

}  // namespace

Json quality_trend(const QualityTrendOptions& options) {
  Database database = database_to_read(options.folder);
  database.execute("BEGIN");
  std::vector<Step> steps(static_cast<std::size_t>(
      (options.until_unix_ms - options.since_unix_ms + options.step_ms - 1) / options.step_ms));
  const bool sampled = read_requests(database, options, steps);
  const std::int64_t seq = first_seq(database, options.since_unix_ms);
  read_events(database, options, "thumb, score, task_completed", "feedback", seq,
              [&](std::size_t at, const Statement& row) {
                const auto score = row.is_null(2) ? std::nullopt : std::optional(row.decimal(2));
                const auto completed = row.is_null(3) ? std::nullopt : std::optional(row.whole(3) != 0);
                const auto thumb = row.is_null(1) ? std::nullopt : std::optional(row.text(1));
                if (completed) steps[at].completed.add(*completed ? 1 : 0);
                if (!thumb && !score) return;
                if (const auto value = value_of_feedback(score, std::nullopt, thumb)) steps[at].feedback.add(*value);
              });
  read_events(database, options, "score", "grades", seq, [&](std::size_t at, const Statement& row) {
    if (!row.is_null(1)) steps[at].grade.add(row.decimal(1));
  });
  Step total;
  Json series = Json::array();
  for (std::size_t i = 0; i < steps.size(); ++i) {
    total.add(steps[i]);
    Json each{{"start_unix_s", (options.since_unix_ms + static_cast<std::int64_t>(i) * options.step_ms) / 1000}};
    each.update(steps[i].json());
    series.push_back(std::move(each));
  }
  return {{"sampled", sampled}, {"total", total.json()}, {"series", std::move(series)}};
}

}  // namespace triage::ledger
