// A report as a table for a terminal, and as JSON.
#include "base/unix_time.hpp"
#include "ledger/report.hpp"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace triage::ledger {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t name_width = 20;
constexpr std::size_t way_name_width = 15;  // the numbers need the rest

std::string grouped(std::uint64_t value) {
  std::string digits = std::to_string(value);
  for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, ",");
  return digits;
}

std::string printed(const char* format, double value) {
  char text[40];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

// About four digits: 812, 12.3k, 1.52G.
std::string short_number(std::int64_t value) {
  constexpr const char* units[] = {"", "k", "M", "G", "T", "P", "E"};
  auto scaled = static_cast<double>(value);
  std::size_t unit = 0;
  for (; std::abs(scaled) >= 9999.5 && unit + 1 < std::size(units); ++unit) scaled /= 1000;
  if (unit == 0) return std::to_string(value);
  return printed(scaled < 99.95 ? "%.1f" : "%.0f", scaled) + units[unit];
}

// In full if it fits.
std::string count_text(std::int64_t value) {
  return value < 10'000'000 ? grouped(static_cast<std::uint64_t>(value)) : short_number(value);
}

std::string share(std::int64_t part, std::int64_t whole) {
  return whole == 0 ? "-" : printed("%.1f%%", 100.0 * static_cast<double>(part) / static_cast<double>(whole));
}

std::string time_text(const LogHistogram& times, double share_of) {
  if (times.count() == 0) return "-";
  const double ms = times.percentile_us(share_of) / 1000;
  return printed(ms < 10 ? "%.2f" : ms < 100 ? "%.1f" : "%.0f", ms);
}

std::string saved_text(const Sums& sums) {
  if (sums[Sums::cost_unknown] > 0 || sums[Sums::frontier_unknown] > 0) return "unknown";
  return share(sums[Sums::frontier_cost_nano_usd] - sums[Sums::cost_nano_usd], sums[Sums::frontier_cost_nano_usd]);
}

std::int64_t outcomes_of(const ReportGroup& group, std::string_view outcome) {
  const auto found = group.outcomes.find(outcome);
  return found == group.outcomes.end() ? 0 : found->second;
}

std::int64_t errors_of(const ReportGroup& group) {
  return outcomes_of(group, "client_error") + outcomes_of(group, "upstream_error") +
         outcomes_of(group, "gateway_error");
}

// Shortens a name that is too long, in the middle, where model names differ least.
std::string fitted(std::string name, std::size_t width) {
  if (name.empty()) name = "(none)";
  std::erase_if(name, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
  if (name.size() <= width) return name + std::string(width - name.size(), ' ');
  return name.substr(0, width / 2 - 1) + ".." + name.substr(name.size() - (width - width / 2 - 1));
}

struct Column {
  const char* title;
  std::size_t width;
};

void append_row(std::string& out, const std::string& name, const std::vector<std::string>& cells,
                const std::vector<Column>& columns, std::size_t name_columns) {
  out += fitted(name, name_columns);
  for (std::size_t i = 0; i < cells.size(); ++i)
    out += std::string(cells[i].size() < columns[i].width ? columns[i].width - cells[i].size() : 1, ' ') + cells[i];
  out += '\n';
}

std::vector<std::string> costs_of(const ReportGroup& group) {
  const Sums& sums = group.sums;
  return {count_text(sums[Sums::requests]),
          short_number(sums[Sums::tokens_input]),
          short_number(sums[Sums::tokens_output]),
          money_text(sums[Sums::cost_nano_usd], sums[Sums::cost_unknown]),
          money_text(sums[Sums::frontier_cost_nano_usd], sums[Sums::frontier_unknown]),
          saved_text(sums)};
}

std::vector<std::string> ways_of(const ReportGroup& group) {
  const Sums& sums = group.sums;
  const std::int64_t requests = sums[Sums::requests];
  return {count_text(sums[Sums::attempts]),
          share(sums[Sums::fallbacks], requests),
          share(outcomes_of(group, "client_error"), requests),
          share(outcomes_of(group, "upstream_error") + outcomes_of(group, "gateway_error"), requests),
          share(sums[Sums::refusals], requests),
          time_text(sums.latency, 0.5),
          time_text(sums.latency, 0.95),
          time_text(sums.ttft, 0.5),
          time_text(sums.ttft, 0.95),
          time_text(sums.overhead, 0.5),
          time_text(sums.overhead, 0.95)};
}

const std::vector<Column> cost_columns{{"requests", 10},  {"tokens in", 10},       {"out", 8},
                                       {"cost, USD", 20}, {"all at top tier", 20}, {"saved", 9}};
const std::vector<Column> way_columns{{"attempts", 9}, {"fallback", 9}, {"client", 7}, {"server", 7},
                                      {"refusal", 8},  {"lat p50", 8},  {"p95", 7},    {"ttft p50", 9},
                                      {"p95", 7},      {"own p50", 8},  {"p95", 6}};
constexpr std::string_view legend =
    "saved: of what all would have cost at the top tier. fallback: requests that went on to another\n"
    "deployment after a failure. client, server: errors by the client's fault; by the provider's or the\n"
    "gateway's own. refusal: answers that refuse. lat: until the end, ttft: until the first token;\n"
    "own: what the gateway itself takes.\n";

void append_table(std::string& out, const Report& report, const std::vector<Column>& columns, std::size_t name_columns,
                  std::vector<std::string> (*cells)(const ReportGroup&)) {
  std::vector<std::string> titles;
  for (const Column& column : columns) titles.emplace_back(column.title);
  append_row(out, report.by == GroupBy::nothing ? " " : std::string(group_names[static_cast<std::size_t>(report.by)]),
             titles, columns, name_columns);
  std::vector<std::pair<std::string, const ReportGroup*>> rows;
  for (const auto& [name, group] : report.groups) rows.emplace_back(name, &group);
  if (report.by != GroupBy::day)  // the most expensive first
    std::ranges::stable_sort(rows, std::ranges::greater(),
                             [](const auto& row) { return row.second->sums[Sums::cost_nano_usd]; });
  for (const auto& [name, group] : rows) append_row(out, name, cells(*group), columns, name_columns);
  append_row(out, "all", cells(report.total), columns, name_columns);
}

std::string minute_text(std::int64_t unix_s) {
  return utc_text(unix_s, "%Y-%m-%d %H:%M UTC");
}

std::string mix_text(const ReportGroup& group) {
  std::string text;
  for (const auto& [tier, requests] : group.tiers)
    text += (text.empty() ? "" : ", ") + (tier.empty() ? std::string("none") : tier) + " " +
            share(requests, group.sums[Sums::requests]);
  return text.empty() ? "-" : text;
}

std::string errors_text(const ReportGroup& group) {
  const auto of = [&group](const char* whose, std::string_view outcome) {
    const std::int64_t errors = outcomes_of(group, outcome);
    return whose + (" " + count_text(errors)) + " (" + share(errors, group.sums[Sums::requests]) + ")";
  };
  if (errors_of(group) == 0) return "errors: none\n";
  return "errors: " + of("clients'", "client_error") + ", " + of("providers'", "upstream_error") + ", " +
         of("the gateway's own", "gateway_error") + "\n";
}

std::string slo_text(const SloStanding& slo) {
  if (slo.values == 0) return "no values";
  return printed("%.3f", slo.mean) + ", between " + printed("%.3f", slo.low) + " and " + printed("%.3f", slo.high) +
         " by " + count_text(static_cast<std::int64_t>(slo.values)) + (slo.values == 1 ? " value" : " values");
}

Json slo_json(const SloStanding& slo) {
  Json json{{"route", slo.route}, {"signal", word(slo.slo.signal)}};
  json["value_min"] = slo.slo.value_min ? Json(*slo.slo.value_min) : Json(nullptr);
  json["value_max"] = slo.slo.value_max ? Json(*slo.slo.value_max) : Json(nullptr);
  json["confidence"] = slo.slo.confidence;
  json["state"] = word(slo.state);
  json["values"] = slo.values;
  json["mean"] = slo.values > 0 ? Json(slo.mean) : Json(nullptr);
  json["low"] = slo.low;
  json["high"] = slo.high;
  return json;
}

Json times_json(const LogHistogram& times, double unit_us) {
  if (times.count() == 0) return {{"p50", nullptr}, {"p95", nullptr}};
  return {{"p50", times.percentile_us(0.5) / unit_us}, {"p95", times.percentile_us(0.95) / unit_us}};
}

Json known_or_null(std::int64_t sum, std::int64_t unknown) {
  return unknown > 0 ? Json(nullptr) : Json(sum);
}

Json group_json(const ReportGroup& group) {
  const Sums& sums = group.sums;
  Json json{{"requests", sums[Sums::requests]}};
  json["outcomes"] = group.outcomes;
  json["errors"] = errors_of(group);
  json["client_errors"] = outcomes_of(group, "client_error");
  json["provider_errors"] = outcomes_of(group, "upstream_error");
  json["gateway_errors"] = outcomes_of(group, "gateway_error");
  json["tiers"] = group.tiers;
  for (const auto count :
       {Sums::attempts, Sums::retries, Sums::fallbacks, Sums::hedges, Sums::escalations, Sums::refusals})
    json[std::string(count_names[count])] = sums[count];
  json["tokens"] = Json{{"input", sums[Sums::tokens_input]},
                        {"input_cached", sums[Sums::tokens_input_cached]},
                        {"cache_write", sums[Sums::tokens_cache_write]},
                        {"output", sums[Sums::tokens_output]},
                        {"reasoning", sums[Sums::tokens_reasoning]},
                        {"attempts_estimated", sums[Sums::estimated]}};
  const std::int64_t unknown = sums[Sums::cost_unknown];
  const std::int64_t frontier_unknown = sums[Sums::frontier_unknown];
  json["cost_nano_usd"] = known_or_null(sums[Sums::cost_nano_usd], unknown);
  json["cost_known_nano_usd"] = sums[Sums::cost_nano_usd];
  json["attempts_of_unknown_cost"] = unknown;
  json["frontier_cost_nano_usd"] = known_or_null(sums[Sums::frontier_cost_nano_usd], frontier_unknown);
  json["frontier_cost_known_nano_usd"] = sums[Sums::frontier_cost_nano_usd];
  json["requests_of_unknown_frontier_cost"] = frontier_unknown;
  json["saved_nano_usd"] =
      known_or_null(sums[Sums::frontier_cost_nano_usd] - sums[Sums::cost_nano_usd], unknown + frontier_unknown);
  json["latency_ms"] = times_json(sums.latency, 1000);
  json["ttft_ms"] = times_json(sums.ttft, 1000);
  json["overhead_us"] = times_json(sums.overhead, 1);
  return json;
}

}  // namespace

// Four decimals, from a hundred dollars on two, rounded half away from zero.
std::string money_text(std::int64_t nano_usd, std::int64_t unknown) {
  const std::uint64_t nano =
      nano_usd < 0 ? 0 - static_cast<std::uint64_t>(nano_usd) : static_cast<std::uint64_t>(nano_usd);
  const int decimals = nano >= 100'000'000'000 ? 2 : 4;
  const std::uint64_t step = decimals == 2 ? 10'000'000 : 100'000;
  const std::uint64_t per_usd = 1'000'000'000 / step;
  const std::uint64_t steps = (nano + step / 2) / step;
  char fraction[24];
  std::snprintf(fraction, sizeof fraction, ".%0*llu", decimals, static_cast<unsigned long long>(steps % per_usd));
  std::string text = (nano_usd < 0 ? "-" : "") + grouped(steps / per_usd) + fraction;
  if (unknown > 0) text += " + " + short_number(unknown) + " unknown";
  return text;
}

std::string report_table(const Report& report) {
  std::string out = "since " + (report.since_unix_s <= 0 ? "the beginning" : minute_text(report.since_unix_s)) +
                    ", until " + minute_text(report.until_unix_s) + "; times in ms\n\n";
  append_table(out, report, cost_columns, name_width, costs_of);
  out += '\n';
  append_table(out, report, way_columns, way_name_width, ways_of);
  out += "\ntiers: " + mix_text(report.total) + "\n" + errors_text(report.total);
  if (!report.slo.empty()) out += "\npromises (quality.slo), of the last one to two weeks\n";
  for (const SloStanding& slo : report.slo)
    out += fitted(slo.route, name_width) + " " + fitted(promise(slo.slo), 26) + " " +
           fitted(std::string(word(slo.state)), 9) + slo_text(slo) + "\n";
  return (out += '\n') += legend;
}

std::string report_json(const Report& report) {
  Json json{{"since_unix_s", report.since_unix_s},
            {"until_unix_s", report.until_unix_s},
            {"records_from_journal", report.from_journal},
            {"beside_gateway", report.beside_gateway},
            {"total", group_json(report.total)}};
  if (!report.slo.empty()) {
    Json rows = Json::array();
    for (const SloStanding& slo : report.slo) rows.push_back(slo_json(slo));
    json["slo"] = std::move(rows);
  }
  if (report.by != GroupBy::nothing) {
    json["by"] = group_names[static_cast<std::size_t>(report.by)];
    Json rows = Json::array();
    for (const auto& [name, group] : report.groups) {
      Json row{{"name", name.empty() ? Json(nullptr) : Json(name)}};
      row.update(group_json(group));
      rows.push_back(std::move(row));
    }
    json["rows"] = std::move(rows);
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace triage::ledger
