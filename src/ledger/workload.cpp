#include "ledger/workload.hpp"

#include "ledger/source.hpp"
#include "ledger/stored_record.hpp"

#include <algorithm>
#include <map>

namespace triage::ledger {
namespace {

constexpr double usd_per_nano = 1e-9;

void add_pair(SeenWorkload& out, const StoredPair& pair) {
  out.cheap_tier = pair.cheap.tier;
  if (pair.cheap.cost_usd && pair.strong.cost_usd) {
    out.pair_cost_weak_usd.add(*pair.cheap.cost_usd);
    out.pair_cost_strong_usd.add(*pair.strong.cost_usd);
  }
  if (!pair.cheap.score || !pair.strong.score) return;
  out.quality_weak.add(*pair.cheap.score);
  out.quality_strong.add(*pair.strong.score);
  out.both_right.add(std::min(*pair.cheap.score, *pair.strong.score));
}

void add_request(SeenWorkload& out, const StoredRecord& record, std::int64_t time) {
  if (out.requests++ == 0) out.first_unix_ms = time;
  out.last_unix_ms = std::max(out.last_unix_ms, time);
  if (const Integer cost = record.get<&LedgerRecord::cost_nano_usd>())
    out.cost_usd.add(static_cast<double>(*cost) * usd_per_nano);
  if (const Integer cost = record.get<&LedgerRecord::frontier_cost_nano_usd>())
    out.frontier_cost_usd.add(static_cast<double>(*cost) * usd_per_nano);
}

}  // namespace

SeenWorkload read_workload(const std::string& folder, const std::string& route, std::int64_t since_unix_ms) {
  SeenWorkload out;
  std::map<std::string, std::uint64_t, std::less<>> by_tier;
  Source source(folder);
  RecordReader reader;
  StoredRecord record;
  for (Line line; source.next(line);) {
    if (!reader.read(line.json, record)) continue;
    if (!route.empty() && record.get<&LedgerRecord::route>().value_or("") != route) continue;
    const std::int64_t time = record.get<&LedgerRecord::time_unix_ms>().value_or(0);
    if (time < since_unix_ms) continue;
    if (const auto pair = read_pair(record.get<&LedgerRecord::pair>())) add_pair(out, *pair);
    if (record.get<&LedgerRecord::shadow_of>() || record.get<&LedgerRecord::outcome>().value_or("") != "ok") continue;
    add_request(out, record, time);
    ++by_tier[std::string(record.get<&LedgerRecord::tier>().value_or(""))];
  }
  const auto cheap = by_tier.find(out.cheap_tier);
  out.strong_requests = out.requests - (cheap != by_tier.end() ? cheap->second : 0);
  return out;
}

}  // namespace triage::ledger
