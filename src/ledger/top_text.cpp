// Who costs most, as a table for a terminal, and as JSON.
//
// route                  requests       cost  share  at top tier  error  escal.  retry  refusal  feedback
// chat                     12,041    18.2210  61.3%      91.1052   0.1%   22.4%   1.0%     0.3%  91% of 120
#include "base/unix_time.hpp"
#include "ledger/top.hpp"

#include <cstdio>
#include <nlohmann/json.hpp>

namespace triage::ledger {
namespace {

using Json = nlohmann::ordered_json;

const SignalMean& of(const TopGroup& group, QualitySignal signal) {
  return group.quality[static_cast<std::size_t>(signal)];
}

std::string printed(const char* format, double value) {
  char text[40];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

std::string percent(const SignalMean& mean) {
  return mean.values == 0 ? "-" : printed("%.1f%%", 100 * mean.mean());
}

double share_of(const TopGroup& group, const TopGroup& total) {
  const auto whole = static_cast<double>(total.cost.sums[Sums::cost_nano_usd]);
  return whole > 0 ? static_cast<double>(group.cost.sums[Sums::cost_nano_usd]) / whole : 0;
}

std::string liked(const SignalMean& mean) {
  return mean.values == 0 ? "-" : printed("%.0f%%", 100 * mean.mean()) + " of " + std::to_string(mean.values);
}

void append(std::string& out, const std::string& name, const std::vector<std::string>& cells) {
  constexpr std::size_t name_width = 18;
  constexpr std::size_t widths[] = {9, 12, 7, 12, 7, 7, 7, 8, 13};
  std::string shown = name.empty() ? "(none)" : name;
  std::erase_if(shown, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
  if (shown.size() > name_width) shown.replace(name_width - 2, std::string::npos, "..");
  out += shown + std::string(name_width - shown.size(), ' ');
  for (std::size_t i = 0; i < cells.size(); ++i)
    out += std::string(cells[i].size() < widths[i] ? widths[i] - cells[i].size() : 1, ' ') + cells[i];
  out += '\n';
}

std::string marked(std::int64_t nano_usd, std::int64_t unknown) {
  return money_text(nano_usd, 0) + (unknown > 0 ? "+" : "");
}

std::vector<std::string> cells_of(const TopGroup& group, const TopGroup& total) {
  const Sums& sums = group.cost.sums;
  return {std::to_string(sums[Sums::requests]),
          marked(sums[Sums::cost_nano_usd], sums[Sums::cost_unknown]),
          printed("%.1f%%", 100 * share_of(group, total)),
          marked(sums[Sums::frontier_cost_nano_usd], sums[Sums::frontier_unknown]),
          percent(of(group, QualitySignal::error)),
          percent(of(group, QualitySignal::escalation)),
          percent(of(group, QualitySignal::retry)),
          percent(of(group, QualitySignal::refusal)),
          liked(of(group, QualitySignal::feedback))};
}

Json known_or_null(std::int64_t sum, std::int64_t unknown) {
  return unknown > 0 ? Json(nullptr) : Json(sum);
}

Json group_json(const TopGroup& group, const TopGroup& total) {
  const Sums& sums = group.cost.sums;
  Json json{{"requests", sums[Sums::requests]},
            {"cost_nano_usd", known_or_null(sums[Sums::cost_nano_usd], sums[Sums::cost_unknown])},
            {"cost_known_nano_usd", sums[Sums::cost_nano_usd]},
            {"attempts_of_unknown_cost", sums[Sums::cost_unknown]},
            {"share", share_of(group, total)},
            {"frontier_cost_nano_usd", known_or_null(sums[Sums::frontier_cost_nano_usd], sums[Sums::frontier_unknown])},
            {"frontier_cost_known_nano_usd", sums[Sums::frontier_cost_nano_usd]},
            {"requests_of_unknown_frontier_cost", sums[Sums::frontier_unknown]}};
  Json quality = Json::object();
  for (std::size_t i = 0; i < group.quality.size(); ++i)
    if (group.quality[i].values > 0)
      quality[std::string(words<QualitySignal>[i])] = {{"mean", group.quality[i].mean()},
                                                       {"values", group.quality[i].values}};
  json["quality"] = std::move(quality);
  return json;
}

}  // namespace

std::string top_table(const Top& top) {
  std::string out = "since " +
                    (top.since_unix_ms <= 0 ? std::string("the beginning")
                                            : utc_text(top.since_unix_ms / 1000, "%Y-%m-%d %H:%M UTC")) +
                    "; costs in USD, a + stands for calls of unknown cost\n";
  for (const Top::Ranking& ranking : top.rankings) {
    out += '\n';
    append(out, std::string(group_names[static_cast<std::size_t>(ranking.by)]),
           {"requests", "cost", "share", "all at top", "error", "escal.", "retry", "refusal", "liked"});
    for (const auto& [name, group] : ranking.rows) append(out, name, cells_of(group, top.total));
    if (ranking.left_out > 0) out += "and " + std::to_string(ranking.left_out) + " cheaper ones (--rows)\n";
    append(out, "all", cells_of(top.total, top.total));
  }
  return out;
}

std::string top_json(const Top& top) {
  Json json{{"since_unix_s", top.since_unix_ms / 1000}, {"beside_gateway", top.beside_gateway}};
  json["total"] = group_json(top.total, top.total);
  for (const Top::Ranking& ranking : top.rankings) {
    Json rows = Json::array();
    for (const auto& [name, group] : ranking.rows) {
      Json row{{"name", name.empty() ? Json(nullptr) : Json(name)}};
      row.update(group_json(group, top.total));
      rows.push_back(std::move(row));
    }
    json[std::string(group_names[static_cast<std::size_t>(ranking.by)])] = std::move(rows);
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace triage::ledger
