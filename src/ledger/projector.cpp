#include "ledger/projector.hpp"

#include "base/log.hpp"
#include "base/unix_time.hpp"
#include "ledger/horizon.hpp"
#include "ledger/journal.hpp"
#include "ledger/retention.hpp"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

namespace triage::ledger {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds pause{200};
constexpr milliseconds retry_pause{1000};
constexpr milliseconds look_pause{1000};
constexpr milliseconds retire_pause{60'000};
constexpr std::chrono::hours minutes_kept{48};  // longer than a report reads

}  // namespace

Projector::Projector(const LedgerSpec& spec, Metrics& metrics, ProjectionTarget target, std::size_t batch_lines,
                     std::function<bool()> may_write)
    : spec_(spec),
      target_(std::move(target)),
      batch_lines_(batch_lines),
      may_write_(std::move(may_write)),
      rows_(metrics.counter("triage_ledger_rows_total", "Records written to the database.")),
      failures_(metrics.counter("triage_ledger_failures_total", "Operations of the ledger that failed.",
                                {{"of", "projection"}})),
      damaged_(metrics.counter("triage_ledger_damaged_total", "Damaged lines of the journal that were passed over.")),
      repeated_(metrics.counter("triage_ledger_repeated_total", "Lines that the journal has twice.")),
      missing_(metrics.counter("triage_ledger_missing_total",
                               "Lines that the journal lacks: dropped, damaged, or in files that were moved or cut.")),
      unknown_(metrics.counter("triage_ledger_unknown_total",
                               "Lines of kinds that a newer version wrote: they are not in the database.")),
      lag_bytes_(metrics.gauge("triage_ledger_lag_bytes", "Bytes of the journal that the database does not have yet.")),
      working_(metrics.gauge("triage_ledger_database_working", "1: the database is written; 0: it cannot be.")) {}

Projector::~Projector() {
  stop(milliseconds(0));
}

void Projector::start() {
  thread_ = std::thread([this] { run(); });
}

void Projector::stop(milliseconds patience) {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    until_ = Clock::now() + patience;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

std::string Projector::problem() const {
  const std::lock_guard lock(mutex_);
  return problem_;
}

void Projector::run() {
  pthread_setname_np(pthread_self(), "ledger-rows");
  // Event loops have priority: the database may fall behind, because reports read the rest from the journal.
  setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), 5);
  while (true) {
    const std::size_t lines = turn(false);
    if (lines < batch_lines_ && ended(failing_ ? retry_pause : pause)) break;
    if (lines == batch_lines_ && ended(milliseconds(0))) break;
  }
  while (Clock::now() < until_ && turn(true) > 0) {
  }
}

bool Projector::ended(milliseconds longest) {
  std::unique_lock lock(mutex_);
  return wake_.wait_for(lock, longest, [&] { return stopping_; });
}

// Writes one batch. Returns how many lines it had.
std::size_t Projector::turn(bool last) {
  try {
    look(last);
    if (!may_write_()) return 0;
    if (!projection_) open();
    Batch batch(*journal_, entry_, batch_lines_, last);
    if (!batch.empty()) projection_->write(batch);
    const std::size_t lines = batch.lines();
    rows_.add(static_cast<std::int64_t>(lines));
    retire_if_due();
    count_skipped(batch.unknown());
    works();
    if (lines < batch_lines_ || Clock::now() - last_lag_ >= look_pause) update_lag();
    return lines;
  } catch (const std::exception& error) {
    projection_.reset();
    failed(error.what());
    target_.failed(error);
  }
  return 0;
}

// Checks whether the open database may still be written to.
void Projector::look(bool last) {
  if (!projection_ || (!last && Clock::now() - last_look_ < look_pause)) return;
  last_look_ = Clock::now();
  if (may_write_() && projection_->in_place()) return;
  projection_.reset();
  if (may_write_()) log::warn("the ledger's database was removed: it is made anew from the journal");
}

void Projector::open() {
  projection_ = target_.open();
  Checkpoint from = projection_->checkpoint();
  const auto segments = segments_of(spec_.dir);
  if (!segments.empty() && segments.back().number < from.at.segment) {
    log::warn("the ledger's journal was replaced by an older one: it is read from its beginning");
    from.at = {};
  }
  journal_ = std::make_unique<JournalReader>(spec_.dir, from.at, from.seq);
  counted_ = {};
  counted_missing_ = 0;
}

void Projector::retire_if_due() {
  const auto now = Clock::now();
  if (now - last_retire_ < retire_pause) return;
  const auto segments = segments_of(spec_.dir);
  const std::int64_t time = now_unix_ms();
  const milliseconds step = step_of(spec_.retain);
  const Outdated outdated{read_retired(spec_.dir).value_or(Retired()).seq,
                          first_seq_of(spec_.dir, segments).value_or(projection_->checkpoint().seq + 1),
                          horizon(segments, time, spec_.retain, step).begin_unix_ms,
                          horizon(segments, time, minutes_kept, step).begin_unix_ms};
  if (!projection_->retire(outdated)) last_retire_ = now;
}

void Projector::count_skipped(std::size_t unknown) {
  const Skipped seen = journal_->counts();
  damaged_.add(static_cast<std::int64_t>(seen.damaged - counted_.damaged));
  repeated_.add(static_cast<std::int64_t>(seen.repeated - counted_.repeated));
  if (seen.damaged > counted_.damaged)
    log::error("the ledger's journal has " + std::to_string(seen.damaged - counted_.damaged) +
               " damaged lines, passed over; `triage ledger verify` tells where");
  counted_ = seen;
  if (const std::uint64_t missing = journal_->missing() - std::exchange(counted_missing_, journal_->missing())) {
    missing_.add(static_cast<std::int64_t>(missing));
    log::error("the ledger's journal lacks " + std::to_string(missing) + " lines before number " +
               std::to_string(journal_->last_seq()) +
               ": they were dropped, are damaged, or in files that somebody moved or cut");
  }
  if (unknown == 0) return;
  unknown_.add(static_cast<std::int64_t>(unknown));
  log::warn(
      std::to_string(unknown) +
      " lines of the ledger's journal are of kinds that this version does not know: the database lacks them until "
      "`triage ledger rebuild` of a newer one");
}

void Projector::failed(const std::string& problem) {
  failures_.add();
  failing_ = true;
  working_.set(0);
  {
    const std::lock_guard lock(mutex_);
    if (problem_ == problem) return;
    problem_ = problem;
  }
  log::error("the ledger's database cannot be written, the journal is: " + problem);
}

void Projector::works() {
  working_.set(1);
  if (!std::exchange(failing_, false)) return;
  {
    const std::lock_guard lock(mutex_);
    problem_.clear();
  }
  log::info("the ledger's database is written again");
}

void Projector::update_lag() {
  last_lag_ = Clock::now();
  const Position at = projection_->checkpoint().at;
  const std::vector<Segment> segments = segments_of(spec_.dir);
  std::int64_t lag = 0;
  for (const Segment& segment : segments)
    if (segment.number >= at.segment)
      lag += static_cast<std::int64_t>(segment.bytes) -
             static_cast<std::int64_t>(segment.number == at.segment ? std::min(at.offset, segment.bytes) : 0);
  lag_bytes_.set(lag);
  // Rows are removed soon after their segment.
  const std::uint64_t first = segments.empty() ? 0 : segments.front().number;
  if (std::exchange(first_segment_, first) != first) last_retire_ = {};
}

}  // namespace triage::ledger
