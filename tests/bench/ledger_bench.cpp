// What the ledger costs, and what it survives. docs/benchmarks.md has the figures.
//
//   bench_ledger keep [DIR]                     CPU time of keep() on the caller's thread
//   bench_ledger sustain RATE SECONDS [DIR]     so many records a second from two threads; what is dropped, how far
//   behind bench_ledger fill RECORDS DIR               a ledger with so many records of the last day, for `triage
//   report` bench_ledger kill TIMES [SEED]              kill -9 at random moments; exits with 1 if a record is lost or
//   doubled
//
// Without DIR a temporary directory is used and removed.

#include "base/ids.hpp"
#include "integration/ledger/kill_loop.hpp"
#include "ledger/journal.hpp"

#include <sys/resource.h>
#include <time.h>
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace triage;
using namespace triage::ledger;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

double cpu_seconds(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

double mebibytes(std::uint64_t bytes) {
  return static_cast<double>(bytes) / 1048576;
}

std::uint64_t journal_bytes(const std::string& folder) {
  std::uint64_t bytes = 0;
  for (const Segment& segment : segments_of(folder)) bytes += segment.bytes;
  return bytes;
}

std::uint64_t database_bytes(const std::string& folder) {
  std::error_code failed;
  std::uint64_t bytes = 0;
  for (const char* name : {"/ledger.db", "/ledger.db-wal"}) {
    const auto size = std::filesystem::file_size(folder + name, failed);
    if (!failed) bytes += size;
  }
  return bytes;
}

// One request as most are: one attempt, one router that spoke. Names vary as in a company with ten keys.
class Requests {
 public:
  explicit Requests(std::uint64_t seed) : random_(seed) {}

  const LedgerRecord& next(std::int64_t time_unix_ms) {
    static constexpr std::array<const char*, 3> routes{"chat", "extract", "support"};
    static constexpr std::array<const char*, 10> keys{"checkout", "search", "mobile", "web",   "batch",
                                                      "ops",      "mail",   "docs",   "sales", "labs"};
    struct Model {
      const char *tier, *deployment, *provider, *model;
      std::int64_t input_nano, output_nano;
    };
    static constexpr std::array<Model, 4> models{
        {{"small", "llama", "local", "llama3.1:8b", 20, 20},
         {"medium", "mini", "openai", "gpt-4o-mini", 150, 600},
         {"medium", "haiku", "anthropic", "claude-3-5-haiku-latest", 800, 4000},
         {"large", "frontier", "openai", "gpt-4o", 2500, 10000}}};
    const std::uint64_t dice = random_();
    const Model& model = models[std::min<std::uint64_t>(dice % 8, 3)];
    id_ = request_id();
    record_.id = id_;
    record_.time_unix_ms = time_unix_ms;
    record_.key = keys[(dice >> 8) % 10];
    record_.route = routes[(dice >> 16) % 3];
    record_.config_version = "0123456789ab";
    record_.price_version = "2026-11-01";
    record_.model_requested = "auto";
    record_.path = "/v1/chat/completions";
    record_.chain.assign(1, {"heuristic", model.tier, std::nullopt, "rule long"});
    record_.tier = model.tier;
    AttemptRecord attempt;
    attempt.deployment = model.deployment;
    attempt.provider = model.provider;
    attempt.model = model.model;
    attempt.tier = model.tier;
    attempt.status = 200;
    attempt.start_ms = 0.25;
    attempt.ttft_ms = 80 + static_cast<double>((dice >> 24) % 4000) / 8;
    attempt.latency_ms = *attempt.ttft_ms + static_cast<double>((dice >> 36) % 40000) / 8;
    attempt.tokens.input = static_cast<std::int64_t>((dice >> 40) % 3000) + 20;
    attempt.tokens.output = static_cast<std::int64_t>((dice >> 50) % 700) + 5;
    attempt.usage_source = UsageSource::reported;
    attempt.cost_nano_usd = attempt.tokens.input * model.input_nano + attempt.tokens.output * model.output_nano;
    record_.attempts.assign(1, attempt);
    record_.status = 200;
    record_.finish_reason = "stop";
    record_.streamed = true;
    record_.latency_ms = attempt.latency_ms + 0.4;
    record_.ttft_ms = *attempt.ttft_ms + 0.3;
    record_.overhead_us = 90 + static_cast<std::int64_t>(dice >> 58);
    record_.cost_nano_usd = attempt.cost_nano_usd;
    record_.frontier_cost_nano_usd = attempt.tokens.input * 2500 + attempt.tokens.output * 10000;
    record_.signals.refusal = dice % 97 == 0;
    record_.signals.truncated = false;
    return record_;
  }

 private:
  std::mt19937_64 random_;
  std::string id_;
  LedgerRecord record_;
};

std::int64_t now_unix_ms() {
  return std::chrono::duration_cast<milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

LedgerSpec spec_for(const std::string& folder) {
  LedgerSpec spec;
  spec.dir = folder;
  return spec;
}

// What keep() costs when it is called as a loop of the gateway calls it: now and then, the caches full of other things.
int measure_keep(const std::string& folder) {
  Metrics metrics;
  FileLedger ledger(spec_for(folder), metrics);
  ledger.start();
  Requests requests(1);
  std::vector<char> others(4 << 20);
  std::vector<double> hot;
  std::vector<double> cold;
  for (int i = 0; i < 20'000; ++i) {
    const LedgerRecord& record = requests.next(now_unix_ms());
    const bool is_cold = i % 2 == 1;
    if (is_cold && i % 20 == 1)
      for (std::size_t at = 0; at < others.size(); at += 64) ++others[at];
    const auto begin = Clock::now();
    ledger.keep(record);
    (is_cold && i % 20 == 1 ? cold : hot).push_back(seconds_since(begin) * 1e9);
    if (i % 10 == 9) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  for (auto* all : {&hot, &cold}) std::ranges::sort(*all);
  const auto at = [](const std::vector<double>& all, double share) {
    return all[static_cast<std::size_t>(share * static_cast<double>(all.size() - 1))];
  };
  std::printf("keep(), ns: p50 %.0f, p99 %.0f, p99.9 %.0f, max %.0f; after 4 MiB of other memory: p50 %.0f, p99 %.0f\n",
              at(hot, 0.5), at(hot, 0.99), at(hot, 0.999), hot.back(), at(cold, 0.5), at(cold, 0.99));
  ledger.stop();
  return 0;
}

int sustain(double rate, double seconds, const std::string& folder) {
  Metrics metrics;
  FileLedger ledger(spec_for(folder), metrics);
  ledger.start();
  Counter& full = metrics.counter("triage_ledger_dropped_total", "", {{"reason", "full"}});
  Counter& rows = metrics.counter("triage_ledger_rows_total", "");
  constexpr int threads = 2;
  std::array<double, threads> keeping{};
  std::array<double, threads> longest{};
  const auto begin = Clock::now();
  const auto load = [&](std::size_t thread) {
    Requests requests(thread);
    const auto count = static_cast<std::uint64_t>(rate * seconds / threads);
    for (std::uint64_t i = 0; i < count; ++i) {
      const double due = static_cast<double>(i) * threads / rate;
      while (seconds_since(begin) < due) std::this_thread::sleep_for(std::chrono::microseconds(500));
      const LedgerRecord& record = requests.next(now_unix_ms());
      const auto before = Clock::now();
      ledger.keep(record);
      const double took = seconds_since(before);
      keeping[thread] += took;
      longest[thread] = std::max(longest[thread], took);
    }
  };
  std::thread second(load, 1);
  load(0);
  second.join();
  const double took = seconds_since(begin);
  const std::int64_t behind = static_cast<std::int64_t>(rate * seconds) - rows.value();
  const auto stop_begin = Clock::now();
  ledger.stop(std::chrono::minutes(10));
  const double records = rate * seconds;
  std::printf("%.0f records in %.1f s, %.0f a second; dropped %lld; keep() %.2f us on average, %.1f ms at most\n",
              records, took, records / took, static_cast<long long>(full.value()),
              (keeping[0] + keeping[1]) / records * 1e6, std::max(longest[0], longest[1]) * 1e3);
  std::printf("database %lld records behind at the end, caught up after %.1f s; whole process %.1f us CPU a record\n",
              static_cast<long long>(behind), seconds_since(stop_begin),
              cpu_seconds(CLOCK_PROCESS_CPUTIME_ID) / records * 1e6);
  std::printf("journal %.0f MiB, database %.0f MiB\n", mebibytes(journal_bytes(folder)),
              mebibytes(database_bytes(folder)));
  return full.value() == 0 ? 0 : 1;
}

int fill(std::uint64_t records, const std::string& folder) {
  Metrics metrics;
  FileLedger ledger(spec_for(folder), metrics);
  ledger.start();
  Counter& full = metrics.counter("triage_ledger_dropped_total", "", {{"reason", "full"}});
  Requests requests(7);
  const std::int64_t day_ms = 24LL * 3600 * 1000;
  const std::int64_t begin_ms = now_unix_ms() - day_ms;
  const auto begin = Clock::now();
  for (std::uint64_t i = 0; i < records; ++i) {
    const LedgerRecord& record =
        requests.next(begin_ms + static_cast<std::int64_t>(i * static_cast<std::uint64_t>(day_ms) / records));
    for (std::int64_t dropped = full.value(); ledger.keep(record), full.value() != dropped; dropped = full.value())
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  ledger.stop(std::chrono::hours(1));
  std::printf("%llu records in %.1f s; journal %.0f MiB, database %.0f MiB\n", static_cast<unsigned long long>(records),
              seconds_since(begin), mebibytes(journal_bytes(folder)), mebibytes(database_bytes(folder)));
  return 0;
}

int kill_often(int times, std::uint64_t seed) {
  const TemporaryFolder folder;
  KillOptions options;
  options.kills = times;
  options.seed = seed;
  options.spec = small_ledger(folder.path());
  const KillResult result = run_kills(options);
  std::printf("sync os: %s\n", to_string(result).c_str());

  const TemporaryFolder shared_folder;
  options.spec.dir = shared_folder.path();
  options.hands_over = true;
  const KillResult handing = run_kills(options);
  std::printf("sync os, two processes, one hands over to the other: %s\n", to_string(handing).c_str());
  options.hands_over = false;

  const TemporaryFolder short_folder;
  options.spec.dir = short_folder.path();
  options.spec.retain_bytes = {2 << 20};
  options.removes = true;
  const KillResult removing = run_kills(options);
  std::printf("sync os, old segments removed meanwhile: %s\n", to_string(removing).c_str());
  return result.clean() && handing.clean() &&
                 removing.lost_journal + removing.doubled_journal + removing.doubled_database == 0
             ? 0
             : 1;
}

int usage() {
  std::fputs("usage: bench_ledger keep [DIR] | sustain RATE SECONDS [DIR] | fill RECORDS DIR | kill TIMES [SEED]\n",
             stderr);
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  const auto word = [&](std::size_t i) { return i < words.size() ? words[i] : std::string(); };
  if (words.empty()) return usage();
  if (words[0] == "kill" && words.size() >= 2)
    return kill_often(std::stoi(words[1]), words.size() > 2 ? std::stoull(words[2]) : std::random_device()());
  const std::optional<TemporaryFolder> temporary(std::in_place);
  const auto folder = [&](std::size_t i) { return word(i).empty() ? temporary->path() : word(i); };
  if (words[0] == "keep") return measure_keep(folder(1));
  if (words[0] == "sustain" && words.size() >= 3) return sustain(std::stod(words[1]), std::stod(words[2]), folder(3));
  if (words[0] == "fill" && words.size() == 3) return fill(std::stoull(words[1]), words[2]);
  return usage();
}
