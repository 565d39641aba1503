#include "ledger/top.hpp"

#include "base/hash.hpp"
#include "ledger/signal_values.hpp"
#include "ledger/source.hpp"

#include <algorithm>
#include <limits>
#include <unordered_map>

namespace triage::ledger {
namespace {

constexpr std::int64_t all_time_s = std::int64_t{1} << 40;

// The names by which one line counts.
struct Names {
  std::string_view route, key, deployment;

  [[nodiscard]] std::string_view of(GroupBy by) const noexcept {
    return by == GroupBy::route ? route : by == GroupBy::key ? key : deployment;
  }
};

class Reading {
 public:
  explicit Reading(const TopOptions& options) : options_(options), groups_(options.by.size()) {}

  void take(const StoredRecord& record) {
    if (record.get<&LedgerRecord::time_unix_ms>().value_or(0) < options_.since_unix_ms) return;
    rollups_.add(record, all_time_s);
    if (record.get<&LedgerRecord::shadow_of>()) return;
    const StoredAttempt* const last = answering(record.get<&LedgerRecord::attempts>().rows);
    Names names;
    names.route = record.get<&LedgerRecord::route>().value_or("");
    names.key = record.get<&LedgerRecord::key>().value_or("");
    if (last != nullptr) names.deployment = last->get<&AttemptRecord::deployment>().value_or("");
    const std::vector<TopGroup*> counted = groups_of(names);
    add(values_of(record), counted, 1);
    if (last != nullptr) by_id_[hash64(record.get<&LedgerRecord::id>().value_or(""))].groups = counted;
  }

  void take(const Stored<FeedbackEvent>& said) {
    if (said.get<&FeedbackEvent::time_unix_ms>().value_or(0) < options_.since_unix_ms) return;
    Request& request =
        known(said.get<&FeedbackEvent::id>(), said.get<&FeedbackEvent::route>(), said.get<&FeedbackEvent::key>());
    add(request.said, request.groups, -1);
    request.said = values_of(said);
    add(request.said, request.groups, 1);
  }

  void take(const Stored<GradeEvent>& grade) {
    if (grade.get<&GradeEvent::time_unix_ms>().value_or(0) < options_.since_unix_ms) return;
    add(values_of(grade), known(grade.get<&GradeEvent::id>(), grade.get<&GradeEvent::route>(), {}).groups, 1);
  }

  void take(const Stored<ExperimentEvent>& /*unused*/) {}

  void finish(Top& out) {
    rollups_.for_each([&](std::int64_t /*start*/, const RollupNames& names, const Sums& sums) {
      out.total.cost.add(names, sums);
      const Names of{names.route, names.key, names.deployment};
      for (std::size_t i = 0; i < groups_.size(); ++i) group(i, of.of(options_.by[i])).cost.add(names, sums);
    });
    out.total.quality = total_.quality;
    for (std::size_t i = 0; i < groups_.size(); ++i) out.rankings.push_back(ranked(i));
  }

 private:
  struct Request {
    std::vector<TopGroup*> groups;
    SignalValues said;
  };

  TopGroup& group(std::size_t ranking, std::string_view name) {
    const auto found = groups_[ranking].find(name);
    return found != groups_[ranking].end() ? found->second : groups_[ranking][std::string(name)];
  }

  std::vector<TopGroup*> groups_of(const Names& names) {
    std::vector<TopGroup*> out{&total_};
    for (std::size_t i = 0; i < groups_.size(); ++i) out.push_back(&group(i, names.of(options_.by[i])));
    return out;
  }

  // A request from before is not known by its deployment.
  Request& known(const Text& id, const Text& route, const Text& key) {
    const auto [at, fresh] = by_id_.try_emplace(hash64(id.value_or("")));
    if (!fresh) return at->second;
    at->second.groups.push_back(&total_);
    for (std::size_t i = 0; i < groups_.size(); ++i) {
      if (options_.by[i] == GroupBy::route && route) at->second.groups.push_back(&group(i, *route));
      if (options_.by[i] == GroupBy::key && key) at->second.groups.push_back(&group(i, *key));
    }
    return at->second;
  }

  static void add(const SignalValues& values, const std::vector<TopGroup*>& to, int sign) {
    for (std::size_t i = 0; i < words<QualitySignal>.size(); ++i) {
      const auto value = values[static_cast<QualitySignal>(i)];
      if (!value) continue;
      for (TopGroup* const group : to) {
        group->quality[i].sum += sign * *value;
        sign > 0 ? ++group->quality[i].values : --group->quality[i].values;
      }
    }
  }

  Top::Ranking ranked(std::size_t ranking) {
    Top::Ranking out;
    out.by = options_.by[ranking];
    for (auto& [name, group] : groups_[ranking]) out.rows.emplace_back(name, std::move(group));
    const auto cost = [](const auto& row) { return row.second.cost.sums[Sums::cost_nano_usd]; };
    std::ranges::stable_sort(out.rows, std::ranges::greater(), cost);
    if (out.rows.size() <= options_.rows_max) return out;
    out.left_out = out.rows.size() - options_.rows_max;
    out.rows.resize(options_.rows_max);
    return out;
  }

  const TopOptions& options_;
  Rollups rollups_;
  TopGroup total_;
  std::vector<std::map<std::string, TopGroup, std::less<>>> groups_;  // by ranking and name; addresses stay
  std::unordered_map<std::uint64_t, Request> by_id_;
};

}  // namespace

Top make_top(const TopOptions& options) {
  Top out;
  out.since_unix_ms = options.since_unix_ms;
  Source source(options.folder, first_position(options.folder, options.since_unix_ms));
  out.beside_gateway = source.beside_gateway();
  Reading reading(options);
  Entry entry;
  for (Line line; source.next(line);)
    if (entry.read(line) == Entry::Is::known) entry.visit([&](const auto& stored) { reading.take(stored); });
  out.damaged = source.counts().damaged;
  reading.finish(out);
  return out;
}

}  // namespace triage::ledger
