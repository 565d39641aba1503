#pragma once
// A child keeps records, and events among them, as fast as it may, says through a pipe which ones keep() took, and is
// killed at a random moment; then the next child goes on with the same directory. In the end everything that was said
// to be kept must be in the journal and in the database exactly once. Or two children at a time, the first of which
// hands over to the second.

#include "base/metrics.hpp"
#include "integration/ledger/ledger_folder.hpp"
#include "ledger/database.hpp"
#include "ledger/entry.hpp"
#include "ledger/file_ledger.hpp"
#include "ledger/journal_reader.hpp"
#include "ledger/sqlite_projection.hpp"

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <random>
#include <thread>
#include <unordered_map>
#include <vector>

namespace triage::ledger {

struct KillOptions {
  int kills = 20;
  std::uint64_t seed = 1;
  LedgerSpec spec;
  std::size_t batch_lines = 100;
  int per_second = 20'000;  ///< records of one child, from two threads
  bool hands_over = false;
  bool removes = false;  ///< the journal is so short that records are removed meanwhile
};

struct KillResult {
  int kills = 0;
  std::uint64_t reported = 0;      ///< records and events that keep() took, before the kill
  std::uint64_t in_journal = 0;    ///< of those and others
  std::uint64_t lost_journal = 0;  ///< reported and not there (nor, if it removes, older than all that is there)
  std::uint64_t lost_database = 0;
  std::uint64_t doubled_journal = 0;
  std::uint64_t doubled_database = 0;
  std::uint64_t damaged_lines = 0;
  std::uint64_t torn_segments = 0;
  std::uint64_t killed_at_start = 0;  ///< before the child had kept anything
  [[nodiscard]] bool clean() const {
    return lost_journal + lost_database + doubled_journal + doubled_database + damaged_lines == 0;
  }
};

namespace kill_loop {

constexpr int threads = 2;

// Generation, thread, number: names a record. Ascending in each generation and thread.
struct Name {
  std::uint32_t generation;
  std::uint32_t thread;
  std::uint64_t number;
  [[nodiscard]] std::string text() const {
    return "req_" + std::to_string(generation) + "_" + std::to_string(thread) + "_" + std::to_string(number);
  }
};

// Every fifth is an event, of each kind in turn.
inline bool is_event(std::uint64_t number) {
  return number % 5 == 4;
}

inline LedgerEvent event_of(std::string_view id, std::uint64_t number) {
  LedgerEvent event = sample_event(id, number);
  if (auto* const decision = std::get_if<ExperimentEvent>(&event)) decision->name = id;
  return event;
}

inline sigset_t hand_over_signal() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR2);
  return set;
}

// Never returns.
[[noreturn]] inline void child(const KillOptions& options, std::uint32_t generation, int report, bool last) {
  Metrics metrics;
  FileLedger ledger(options.spec, metrics, {last ? 4000 : options.batch_lines});
  ledger.start();
  if (last) {
    // What others left aside is collected by turns of the writer, when there is room for it.
    const auto until = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (!Spool::aside_to_read(options.spec.dir).empty() && std::chrono::steady_clock::now() < until)
      std::this_thread::sleep_for(milliseconds(10));
    ledger.stop(std::chrono::minutes(10));
    _exit(0);
  }
  std::thread signals([&ledger, set = hand_over_signal()] {
    int signal = 0;
    sigwait(&set, &signal);
    ledger.hand_over();
  });
  Counter& full = metrics.counter("triage_ledger_dropped_total", "", {{"reason", "full"}});
  const auto load = [&](std::uint32_t thread) {
    const auto pause = std::chrono::microseconds(1'000'000LL * 20 * threads / options.per_second);
    for (std::uint64_t number = 0;; ++number) {
      const Name name{generation, thread, number};
      const std::int64_t dropped = full.value();
      bool kept = true;
      if (is_event(number))
        kept = ledger.keep(event_of(name.text(), number));
      else
        ledger.keep(record_now(name.text(), number));
      if (kept && full.value() == dropped && write(report, &name, sizeof name) != sizeof name) _exit(1);
      if (number % 20 == 19) std::this_thread::sleep_for(pause);
    }
  };
  std::thread second(load, 1);
  load(0);
  _exit(1);
}

struct Blow {
  std::chrono::microseconds at;
  pid_t child;
  int signal;
};

// Until all children have been killed. The blows come in their order.
inline std::vector<Name> read_until_killed(int from, const std::vector<Blow>& blows) {
  std::vector<Name> names;
  const auto begin = std::chrono::steady_clock::now();
  auto next = blows.begin();
  while (true) {
    std::int64_t us = 5'000'000;
    for (; next != blows.end(); ++next) {
      const auto left = begin + next->at - std::chrono::steady_clock::now();
      us = std::chrono::duration_cast<std::chrono::microseconds>(left).count();
      if (us > 0) break;
      kill(next->child, next->signal);
      us = 5'000'000;
    }
    const timespec wait{us / 1'000'000, us % 1'000'000 * 1000};
    pollfd ready{from, POLLIN, 0};
    if (ppoll(&ready, 1, &wait, nullptr) <= 0) continue;
    Name some[512];
    const ssize_t count = read(from, some, sizeof some);  // whole names: each was one write below PIPE_BUF
    if (count <= 0) return names;
    names.insert(names.end(), some, some + static_cast<std::size_t>(count) / sizeof(Name));
  }
}

inline std::vector<Name> one_life(const KillOptions& options, std::uint32_t generation, std::chrono::microseconds life,
                                  bool last) {
  int ends[2];
  if (pipe(ends) != 0) std::abort();
  std::fflush(nullptr);
  const pid_t pid = fork();
  if (pid == 0) {
    close(ends[0]);
    child(options, generation, ends[1], last);
  }
  close(ends[1]);
  std::vector<Name> names = read_until_killed(ends[0], {{life, pid, SIGKILL}});
  close(ends[0]);
  int status = 0;
  waitpid(pid, &status, 0);
  if (last && status != 0) std::fprintf(stderr, "the last process ended with status %d\n", status);
  return names;
}

// The second starts while the first writes, the first gives the directory up, both are killed, at random moments and
// in any order.
inline std::vector<Name> two_lives(const KillOptions& options, std::uint32_t generation, std::mt19937_64& random) {
  const auto within = [&](int most_us) {
    return std::chrono::microseconds(random() % static_cast<std::uint64_t>(most_us));
  };
  int ends[2];
  if (pipe(ends) != 0) std::abort();
  std::fflush(nullptr);
  const auto second_starts = within(40'000);
  const auto handed_over = second_starts + within(60'000);
  const auto set = hand_over_signal();
  sigprocmask(SIG_BLOCK, &set, nullptr);
  pid_t pids[2];
  for (std::uint32_t i = 0; i < 2; ++i) {
    pids[i] = fork();
    if (pids[i] != 0) continue;
    close(ends[0]);
    if (i == 1) std::this_thread::sleep_for(second_starts);
    child(options, generation + i, ends[1], false);
  }
  close(ends[1]);
  std::vector<Blow> blows{{handed_over, pids[0], SIGUSR2},
                          {handed_over + within(150'000), pids[0], SIGKILL},
                          {handed_over + within(300'000), pids[1], SIGKILL}};
  std::ranges::sort(blows, {}, &Blow::at);
  std::vector<Name> names = read_until_killed(ends[0], blows);
  close(ends[0]);
  for (const pid_t pid : pids) waitpid(pid, nullptr, 0);
  return names;
}

inline std::string id_in(const Entry& entry) {
  std::string id = "?";
  entry.visit([&]<class T>(const Stored<T>& stored) {
    if constexpr (std::is_same_v<T, ExperimentEvent>)
      id = stored.template get<&T::name>().value_or("?");
    else
      id = stored.template get<&T::id>().value_or("?");
  });
  return id;
}

inline std::unordered_map<std::string, int> ids_in_journal(const std::string& folder, KillResult& result) {
  std::unordered_map<std::string, int> ids;
  JournalReader reader(folder);
  Entry entry;
  for (Line line; reader.next(line, true);)
    if (entry.read(line) == Entry::Is::known) ++ids[id_in(entry)];
  result.damaged_lines = reader.counts().damaged;
  result.torn_segments = reader.counts().torn;
  result.doubled_journal = reader.counts().repeated;
  result.in_journal = ids.size();
  return ids;
}

inline std::unordered_map<std::string, int> ids_in_database(const std::string& folder) {
  std::unordered_map<std::string, int> ids;
  Database database(database_path(folder), Database::Mode::read);
  for (const char* sql : {"SELECT id FROM requests", "SELECT id FROM feedback", "SELECT id FROM grades",
                          "SELECT name FROM experiment_decisions"})
    for (Statement row = database.prepare(sql); row.step();) ++ids[std::string(row.text(0))];
  return ids;
}

}  // namespace kill_loop

inline KillResult run_kills(const KillOptions& options) {
  using namespace kill_loop;
  std::mt19937_64 random(options.seed);
  KillResult result;
  std::vector<std::vector<Name>> lives;
  for (int i = 0; i < options.kills; ++i) {
    // A third of them while the process starts, where it takes in what the last one left.
    const auto most = i % 3 == 0 ? 12'000U : 300'000U;
    const std::chrono::microseconds life(random() % most);
    const auto generation = static_cast<std::uint32_t>(options.hands_over ? 2 * i : i);
    lives.push_back(options.hands_over ? two_lives(options, generation, random)
                                       : one_life(options, generation, life, false));
    ++result.kills;
    result.reported += lives.back().size();
    if (lives.back().empty()) ++result.killed_at_start;
  }
  one_life(options, static_cast<std::uint32_t>(2 * options.kills), std::chrono::minutes(11), true);

  const auto journal = ids_in_journal(options.spec.dir, result);
  const auto database = ids_in_database(options.spec.dir);
  for (const auto& [id, count] : journal) result.doubled_journal += static_cast<std::uint64_t>(count - 1);
  for (const auto& [id, count] : database) result.doubled_database += static_cast<std::uint64_t>(count - 1);
  // What was removed is the beginning, of each thread of each generation in their order.
  bool begun[threads] = {!options.removes, !options.removes};
  for (const std::vector<Name>& life : lives) {
    for (const Name& name : life) {
      const std::string id = name.text();
      if (journal.contains(id))
        begun[name.thread] = true;
      else if (begun[name.thread])
        ++result.lost_journal;
      if (begun[name.thread] && !database.contains(id)) ++result.lost_database;
    }
  }
  return result;
}

inline std::string to_string(const KillResult& r) {
  const auto number = [](std::uint64_t value) { return std::to_string(value); };
  return "killed " + std::to_string(r.kills) + " times (" + number(r.killed_at_start) + " before the first record); " +
         number(r.reported) + " records were reported as kept, " + number(r.in_journal) + " are in the journal; lost " +
         number(r.lost_journal) + " (database " + number(r.lost_database) + "), doubled " + number(r.doubled_journal) +
         " (database " + number(r.doubled_database) + "), damaged lines " + number(r.damaged_lines) +
         ", torn segments " + number(r.torn_segments);
}

}  // namespace triage::ledger
