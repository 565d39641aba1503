#include "ledger/writer.hpp"

#include "base/log.hpp"

#include <pthread.h>
#include <algorithm>

// A turn of the thread: open the directory if there is none, spool -> journal, sync, resume the waiting coroutines.
// Turns come every few milliseconds while there are records, rarely when there are none, and at once when somebody
// waits; after a failure once a second, or soon if another process has the directory. keep() never wakes the thread
// unless the spool is filling while it dozes: a record is as safe in the spool as in the journal.

namespace triage::ledger {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds busy_pause{5};
constexpr milliseconds idle_pause{50};
constexpr milliseconds idle_after{1000};
constexpr milliseconds retry_pause{1000};
constexpr milliseconds lock_pause{100};
constexpr milliseconds retire_pause{60'000};
constexpr std::size_t batch_bytes = 1 << 20;

constexpr const char* failures_name = "triage_ledger_failures_total";
constexpr const char* failures_text = "Operations of the ledger that failed.";
constexpr const char* dropped_name = "triage_ledger_dropped_total";
constexpr const char* dropped_text = "Records that were not kept.";

// How much longer than `retain` a record may be kept.
milliseconds segment_age(const LedgerSpec& spec) {
  return std::min<milliseconds>(std::chrono::hours(24), spec.retain / 10);
}

std::int64_t count_left(Spool* spool) {
  std::int64_t count = 0;
  if (!spool || spool->in_file()) return 0;
  for (auto at = spool->ring().frame(spool->ring().tail()); at; at = spool->ring().frame(at->end)) ++count;
  return count;
}

}  // namespace

Writer::Writer(const LedgerSpec& spec, Metrics& metrics)
    : spec_(spec),
      durable_(spec.sync != LedgerSync::os),
      lines_(metrics.counter("triage_ledger_lines_total", "Records written to the journal.")),
      dropped_(metrics.counter(dropped_name, dropped_text, {{"reason", "full"}})),
      lost_(metrics.counter(dropped_name, dropped_text, {{"reason", "lost"}})),
      failed_opens_(metrics.counter(failures_name, failures_text, {{"of", "open"}})),
      failed_writes_(metrics.counter(failures_name, failures_text, {{"of", "write"}})),
      failed_syncs_(metrics.counter(failures_name, failures_text, {{"of", "sync"}})),
      torn_(metrics.counter("triage_ledger_torn_total", "Starts that found the journal to end inside a line.")),
      waiting_bytes_(metrics.gauge("triage_ledger_spool_bytes", "Bytes of records that wait for the journal.")),
      working_(metrics.gauge("triage_ledger_working", "1: the journal is written; 0: it cannot be.")),
      retention_(spec_, metrics),
      intake_(nullptr, 1) {
  auto folder = open_folder(spec_.dir, spec_.spool.bytes);
  last_try_ = Clock::now();
  if (folder) {
    take_up(*folder);
    intake_.begin(std::move(folder->spool), folder->last_seq + 1);
    lock_ = std::move(folder->lock);
    holds_folder_ = true;
  } else if (FolderLock::is_taken(spec_.dir)) {
    start_waiting();
  } else {
    intake_.replace(Spool::in_memory(spec_.spool.bytes), 0);
    failed(failed_opens_, folder.error().message);
  }
  update_gauges();
}

Writer::~Writer() {
  stop();
}

void Writer::start() {
  thread_ = std::thread([this] { run(); });
}

void Writer::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Writer::hurry() {
  if (!dozing_.exchange(false)) return;
  {
    const std::lock_guard lock(mutex_);
    hurry_ = true;
  }
  wake_.notify_one();
}

void Writer::when_synced(Resume resume) {
  {
    const std::lock_guard lock(mutex_);
    waiters_.add(std::move(resume));
    if (stopping_) return waiters_.resume_all();
  }
  wake_.notify_one();
}

std::string Writer::problem() const {
  const std::lock_guard lock(mutex_);
  if (problem_.empty() && dropping_) return "the spool is full: records are dropped";
  return problem_;
}

void Writer::run() {
  pthread_setname_np(pthread_self(), "ledger-journal");
  while (true) {
    {
      std::unique_lock lock(mutex_);
      const bool idle = failing_ || Clock::now() - last_line_ > idle_after;
      dozing_ = idle && !failing_;
      const auto called = [&] { return hurry_ || stopping_ || last_look_ || !waiters_.empty(); };
      wake_.wait_for(lock, idle ? idle_pause : busy_pause, called);
      hurry_ = dozing_ = false;
      if (stopping_) break;
    }
    turn(false);
    give_up();
  }
  turn(true);
}

void Writer::turn(bool last) {
  Waiters waiting;
  {
    const std::lock_guard lock(mutex_);
    std::swap(waiting, waiters_);
  }
  const bool second = Clock::now() - last_try_ >= (waiting_ ? lock_pause : retry_pause) || last;
  if (second) {
    last_try_ = Clock::now();
    try_folder();
    look_at_drops();
    update_gauges();
  }
  if (journal_ && (!failing_ || second) && drain()) {
    collect_aside();
    if (sync_if_due(!waiting.empty() || (last && durable_))) works();
    retire_if_due();
  }
  if (!journal_) sync_aside(!waiting.empty() || (last && durable_));
  waiting.resume_all();
  if (!last) return;
  update_gauges();
  const std::int64_t lost = count_left(intake_.current()) + count_left(retiring_.get());
  if (lost == 0) return;
  lost_.add(lost);
  log::error("the ledger ends without a directory: " + std::to_string(lost) + " records are lost");
}

void Writer::try_folder() {
  if (gave_up_) return;
  const bool lost_place = !lock_ || !intake_.current() || !intake_.current()->in_place();
  if (lost_place && !retiring_) open_again();
  if (!lock_) return;
  for (auto& left : Spool::left_aside(spec_.dir)) {
    Intake::settle(left->ring(), opened_seq_);
    aside_.push_back(std::move(left));
  }
}

// Another process has the directory and will give it up: what is kept until then is as safe aside as in its spool.
void Writer::start_waiting() {
  auto aside = Spool::make_aside(spec_.dir, spec_.spool.bytes);
  waiting_ = static_cast<bool>(aside);
  intake_.replace(aside ? std::move(*aside) : Spool::in_memory(spec_.spool.bytes), 0);
  if (!aside) return failed(failed_opens_, aside.error().message);
  failing_ = true;
  problem_ = spec_.dir + ": another process writes there; records wait beside its own";
  log::info("the ledger: " + problem_);
}

// Moves what fits. Records kept aside are then as if they had been kept here.
void Writer::collect_aside() {
  while (!aside_.empty()) {
    Ring& ring = aside_.back()->ring();
    std::int64_t given_up = 0;
    auto moved = Intake::Moved::yes;
    while (moved != Intake::Moved::no_room && ring.waiting_bytes() > 0) {
      moved = intake_.move_from(ring);
      given_up += moved == Intake::Moved::too_long;
    }
    if (given_up > 0) lost_.add(given_up);
    if (moved == Intake::Moved::no_room || !drain()) return;
    aside_.back()->remove();
    aside_.pop_back();
  }
}

void Writer::hand_over(std::function<void()> last_look) {
  std::unique_lock lock(mutex_);
  if (!thread_.joinable() || stopping_) return;
  last_look_ = std::move(last_look);
  wake_.notify_one();
  handed_over_.wait(lock, [&] { return !last_look_; });
}

void Writer::give_up() {
  std::function<void()> last_look;
  {
    const std::lock_guard lock(mutex_);
    last_look = last_look_;
  }
  if (!last_look) return;
  if (lock_) {
    auto aside = Spool::make_aside(spec_.dir, spec_.spool.bytes);
    if (!aside) failed(failed_opens_, aside.error().message);
    const bool drained = journal_ && drain();
    const auto before = intake_.begin(aside ? std::move(*aside) : Spool::in_memory(spec_.spool.bytes), 1);
    if (drained && drain(before->ring(), 0)) sync_if_due(durable_);
    last_look();
    journal_.reset();
    aside_.clear();
    holds_folder_ = false;
    lock_.reset();
    gave_up_ = true;
  } else {
    last_look();
  }
  {
    const std::lock_guard lock(mutex_);
    last_look_ = nullptr;
  }
  handed_over_.notify_all();
}

void Writer::take_up(Folder& folder) {
  aside_ = std::move(folder.aside);
  opened_seq_ = folder.last_seq;
  journal_.emplace(Journal::Options{spec_.dir, spec_.segment.bytes, segment_age(spec_), durable_},
                   folder.end.next_number);
  done_ = std::max(folder.end.last_seq, folder.spool->ring().consumed());
  retention_.begin();
  if (folder.end.torn) {
    torn_.add();
    log::warn(
        "the ledger's journal ends inside a line: its writer was cut off; what it was writing follows from the spool");
  }
  if (folder.spool->replaced_damaged())
    log::error(spec_.dir + "/spool was damaged: it is now spool.damaged, and a new one is in use");
}

// The directory was missing. What is found in it goes first, then what was taken meanwhile.
void Writer::open_again() {
  holds_folder_ = false;
  lock_.reset();
  auto folder = open_folder(spec_.dir, spec_.spool.bytes);
  if (!folder) {
    journal_.reset();
    if (waiting_ && FolderLock::is_taken(spec_.dir)) return;
    return failed(failed_opens_, folder.error().message);
  }
  const std::uint64_t before = done_;
  take_up(*folder);
  if (waiting_) {
    aside_.push_back(intake_.begin(std::move(folder->spool), folder->last_seq + 1));
    waiting_ = false;
    lock_ = std::move(folder->lock);
    holds_folder_ = true;
    return;
  }
  if (!drain(folder->spool->ring(), 0)) {
    journal_.reset();
    done_ = before;
    return;
  }
  const std::uint64_t add = done_ > before ? done_ - before : 0;
  retiring_ = intake_.replace(std::move(folder->spool), add);
  retiring_add_ = add;
  lock_ = std::move(folder->lock);
  holds_folder_ = true;
}

// False: something failed, and records are left.
bool Writer::drain() {
  if (retiring_) {
    if (!drain(retiring_->ring(), retiring_add_)) return false;
    retiring_.reset();
  }
  return drain(intake_.current()->ring(), 0);
}

// Writes what is in the ring now, adding `add` to the sequence numbers. Those already in the journal are skipped: a
// process killed between writing and releasing leaves some.
bool Writer::drain(Ring& ring, std::uint64_t add) {
  const std::uint64_t until = ring.head();
  for (std::uint64_t position = ring.tail(); position < until;) {
    batch_.clear();
    marks_.clear();
    std::int64_t lines = 0;
    while (position < until && batch_.size() < std::min<std::uint64_t>(batch_bytes, spec_.segment.bytes)) {
      const auto frame = ring.frame(position);
      if (const std::uint64_t seq = frame->seq + add; seq > done_) {
        append_line(batch_, *frame, seq);
        ++lines;
      }
      position = frame->end;
      marks_.push_back({batch_.size(), lines, position, frame->seq});
    }
    const std::size_t written = journal_->append(batch_);
    const auto behind = std::ranges::upper_bound(marks_, written, {}, &Mark::end);
    if (behind != marks_.begin()) {
      const Mark& mark = *(behind - 1);
      done_ = std::max(done_, mark.seq + add);
      lines_.add(mark.lines);
      ring.release(mark.position, mark.seq);
      last_line_ = Clock::now();
    }
    if (written < batch_.size()) return failed(failed_writes_, journal_->problem()), false;
  }
  return true;
}

// False: the last try to sync failed.
bool Writer::sync_if_due(bool now) {
  const auto time = Clock::now();
  if (now || (durable_ && time - last_sync_ >= spec_.sync_every)) {
    last_sync_ = time;
    sync_failed_ = !journal_->sync();
    if (sync_failed_) failed(failed_syncs_, journal_->problem());
  }
  return !sync_failed_;
}

void Writer::sync_aside(bool now) {
  const auto time = Clock::now();
  if (!intake_.current() || !(now || (durable_ && time - last_sync_ >= spec_.sync_every))) return;
  last_sync_ = time;
  intake_.current()->sync();
}

void Writer::retire_if_due() {
  const auto time = Clock::now();
  if (!journal_->rotated() && time - last_retire_ < retire_pause) return;
  last_retire_ = time;
  retention_.retire(*journal_, done_);
}

void Writer::failed(Counter& count, const std::string& problem) {
  count.add();
  failing_ = true;
  {
    const std::lock_guard lock(mutex_);
    if (problem_ == problem) return;
    problem_ = problem;
  }
  log::error("the ledger cannot be written; records wait until it can, or the spool is full: " + problem);
}

void Writer::works() {
  if (!std::exchange(failing_, false)) return;
  {
    const std::lock_guard lock(mutex_);
    problem_.clear();
  }
  log::info("the ledger is written again");
}

// At most once a second: logged when it begins, and when it is over.
void Writer::look_at_drops() {
  const std::int64_t before = std::exchange(dropped_before_, dropped_.value());
  const bool now = dropped_before_ > before;
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(dropping_, now) == now) return;
  }
  if (now) {
    dropped_at_first_ = before;
    log::error("the ledger's spool is full: records are dropped, and counted");
  } else {
    log::warn("records are kept again; " + std::to_string(dropped_before_ - dropped_at_first_) + " were dropped");
  }
}

void Writer::update_gauges() {
  Spool* const spool = intake_.current();
  waiting_bytes_.set(spool ? static_cast<std::int64_t>(spool->ring().waiting_bytes()) : 0);
  working_.set(failing_ ? 0 : 1);
}

}  // namespace triage::ledger
