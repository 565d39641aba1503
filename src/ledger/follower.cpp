#include "ledger/follower.hpp"

#include "base/log.hpp"
#include "ledger/journal.hpp"
#include "ledger/source.hpp"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>
#include <algorithm>
#include <exception>

namespace triage::ledger {
namespace {

constexpr std::chrono::milliseconds pause{50};
constexpr std::chrono::milliseconds call_every{100};
constexpr std::size_t lines_at_once = 4096;  // between two looks at whether to stop

}  // namespace

Follower::~Follower() {
  stop();
}

// What a consumer throws would end the process; it loses only the consumer.
template <class Call>
void Follower::guarded(Following& following, Call call) {
  if (following.broken) return;
  const std::string_view name = following.consumer->name();
  try {
    call(*following.consumer);
  } catch (const std::exception& error) {
    following.broken = true;
    log::error(std::string(name) + " no longer follows the ledger's journal: " + error.what());
  }
}

void Follower::add(Consumer& consumer) {
  Following& added = following_.emplace_back(Following{&consumer, consumer.begin_at()});
  const auto segments = segments_of(folder_);
  if (segments.empty() || segments.back().number >= added.reached.at.segment) return;
  log::warn("the ledger's journal was replaced by an older one: " + std::string(consumer.name()) +
            " follows it from its beginning");
  added.reached = {};
  guarded(added, [](Consumer& one) { one.forget(); });
}

void Follower::catch_up(bool ours) {
  std::vector<Following*> early;
  for (Following& following : following_)
    if (following.consumer->before_serving()) early.push_back(&following);
  if (early.empty()) return;
  const Checkpoint from = earliest(early);
  Source source(folder_, from.at, from.seq, ours ? Source::Spooled::read : Source::Spooled::if_idle);
  for (Line line; source.next(line);) tell(line, source.position(), early);
  caught_up(early);
}

void Follower::start() {
  if (following_.empty() || thread_.joinable()) return;
  stopping_ = false;
  thread_ = std::thread([this] { run(); });
}

void Follower::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Follower::run() {
  pthread_setname_np(pthread_self(), "ledger-follow");
  setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), 5);  // event loops have priority
  std::vector<Following*> all;
  for (Following& following : following_) all.push_back(&following);
  const Checkpoint from = earliest(all);
  JournalReader journal(folder_, from.at, from.seq);
  auto called = std::chrono::steady_clock::time_point();
  for (bool stopping = false; !stopping;) {
    std::size_t lines = 0;
    const bool wanted = std::ranges::any_of(all, [](const Following* one) { return one->consumer->wants(); });
    for (Line line; wanted && lines < lines_at_once && journal.next(line, false); ++lines)
      tell(line, journal.position(), all);
    const bool more = lines == lines_at_once;
    if (wanted && !more && (lines > 0 || std::chrono::steady_clock::now() - called >= call_every)) {
      caught_up(all);
      called = std::chrono::steady_clock::now();
    }
    std::unique_lock lock(mutex_);
    if (more)
      stopping = stopping_;
    else
      stopping = wake_.wait_for(lock, pause, [this] { return stopping_; });
  }
}

void Follower::tell(const Line& line, const Position& behind, const std::vector<Following*>& whom) {
  const bool known = entry_.read(line) == Entry::Is::known;
  for (Following* const following : whom) {
    if (line.seq <= following->reached.seq) continue;
    if (known) guarded(*following, [this](Consumer& one) { one.take(entry_); });
    following->reached = {behind, line.seq};
  }
}

void Follower::caught_up(const std::vector<Following*>& whom) {
  for (Following* const following : whom)
    guarded(*following, [following](Consumer& one) { one.caught_up(following->reached); });
}

Checkpoint Follower::earliest(const std::vector<Following*>& whom) {
  const auto at = [](const Following* following) { return following->reached.at; };
  return (*std::ranges::min_element(whom, {}, at))->reached;
}

}  // namespace triage::ledger
