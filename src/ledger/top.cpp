#include "ledger/top.hpp"

#include "base/hash.hpp"
#include "ledger/signal_values.hpp"
#include "ledger/source.hpp"

#include <algorithm>
#include <unordered_map>

namespace triage::ledger {
namespace {

constexpr std::int64_t all_time_s = std::int64_t{1} << 40;

// The names by which one line counts; absent: not known.
struct Names {
  Text route, key, deployment;

  [[nodiscard]] const Text& of(GroupBy by) const noexcept {
    return by == GroupBy::route ? route : by == GroupBy::key ? key : deployment;
  }
};

class Reading {
 public:
  explicit Reading(const TopOptions& options) : options_(options), groups_(options.by.size()) {}

  void take(const StoredRecord& record) {
    if (record.get<&LedgerRecord::time_unix_ms>().value_or(0) < options_.since_unix_ms) return;
    const StoredAttempt* const last = answering(record.get<&LedgerRecord::attempts>().rows);
    if (last == nullptr) return;  // it reached no provider
    rollups_.add(record, all_time_s);
    if (record.get<&LedgerRecord::shadow_of>()) return;
    Names names;
    names.route = record.get<&LedgerRecord::route>().value_or("");
    names.key = record.get<&LedgerRecord::key>().value_or("");
    names.deployment = last->get<&AttemptRecord::deployment>().value_or("");
    const std::uint32_t set = set_of(names);
    add(values_of(record), set, 1);
    set_of_request_[hash64(record.get<&LedgerRecord::id>().value_or(""))] = set;
  }

  void take(const Stored<FeedbackEvent>& said) {
    if (said.get<&FeedbackEvent::time_unix_ms>().value_or(0) < options_.since_unix_ms) return;
    const std::uint64_t id = hash64(said.get<&FeedbackEvent::id>().value_or(""));
    const std::uint32_t set = set_of_request(id, said.get<&FeedbackEvent::route>(), said.get<&FeedbackEvent::key>());
    SignalValues& before = said_[id];
    add(before, set, -1);
    before = values_of(said);
    add(before, set, 1);
  }

  void take(const Stored<GradeEvent>& grade) {
    if (grade.get<&GradeEvent::time_unix_ms>().value_or(0) < options_.since_unix_ms) return;
    const std::uint64_t id = hash64(grade.get<&GradeEvent::id>().value_or(""));
    add(values_of(grade), set_of_request(id, grade.get<&GradeEvent::route>(), {}), 1);
  }

  void take(const Stored<ExperimentEvent>& /*unused*/) {}

  void finish(Top& out) {
    rollups_.for_each([&](std::int64_t /*start*/, const RollupNames& names, const Sums& sums) {
      out.total.cost.add(names, sums);
      const Names of{names.route, names.key, names.deployment};
      for (std::size_t i = 0; i < groups_.size(); ++i) group(i, *of.of(options_.by[i])).cost.add(names, sums);
    });
    out.total.quality = total_.quality;
    for (std::size_t i = 0; i < groups_.size(); ++i) out.rankings.push_back(ranked(i));
  }

 private:
  TopGroup& group(std::size_t ranking, std::string_view name) {
    const auto found = groups_[ranking].find(name);
    return found != groups_[ranking].end() ? found->second : groups_[ranking][std::string(name)];
  }

  // The groups that a line with these names counts in: the index of their set.
  std::uint32_t set_of(const Names& names) {
    std::string key;
    for (const GroupBy by : options_.by) {
      key += names.of(by) ? '+' : '-';
      key.append(names.of(by).value_or("")) += '\n';
    }
    const auto [at, fresh] = sets_by_names_.try_emplace(std::move(key), static_cast<std::uint32_t>(sets_.size()));
    if (!fresh) return at->second;
    std::vector<TopGroup*>& set = sets_.emplace_back(1, &total_);
    for (std::size_t i = 0; i < groups_.size(); ++i)
      if (const auto name = names.of(options_.by[i])) set.push_back(&group(i, *name));
    return at->second;
  }

  // A request from before counts by what the line itself says.
  std::uint32_t set_of_request(std::uint64_t id, const Text& route, const Text& key) {
    const auto known = set_of_request_.find(id);
    return known != set_of_request_.end() ? known->second : set_of({route, key, std::nullopt});
  }

  void add(const SignalValues& values, std::uint32_t set, int sign) {
    for (std::size_t i = 0; i < words<QualitySignal>.size(); ++i) {
      const auto value = values[static_cast<QualitySignal>(i)];
      if (!value) continue;
      for (TopGroup* const group : sets_[set]) {
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
  std::vector<std::vector<TopGroup*>> sets_;
  std::unordered_map<std::string, std::uint32_t> sets_by_names_;
  std::unordered_map<std::uint64_t, std::uint32_t> set_of_request_;  // by its id
  std::unordered_map<std::uint64_t, SignalValues> said_;             // of a request, in its last feedback
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
