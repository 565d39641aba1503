#include "ledger/projection.hpp"

#include "base/unix_time.hpp"
#include "ledger/schema.hpp"
#include "ledger/spool.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <stdexcept>

namespace triage::ledger {
namespace {

constexpr std::int64_t minutes_kept_ms = 48LL * 3600 * 1000;
constexpr int retire_rows = 5000;  // in one transaction

constexpr std::string_view insert_request_sql =
    "INSERT OR IGNORE INTO requests (seq, id, time_unix_ms, key, route, config_version, price_version, "
    "model_requested, path, chain, tier, class, outcome, error, status, finish_reason, streamed, cancelled, "
    "latency_ms, "
    "ttft_ms, overhead_us, cost_nano_usd, frontier_cost_nano_usd, experiment, signals, content, prompt, answer, pair, "
    "shadow_of) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";
constexpr std::string_view insert_attempt_sql =
    "INSERT OR IGNORE INTO attempts (seq, attempt, purpose, cause, deployment, provider, model, tier, status, error, "
    "start_ms, ttft_ms, latency_ms, tokens_input, tokens_input_cached, tokens_cache_write, tokens_output, "
    "tokens_reasoning, tokens_input_audio, tokens_output_audio, usage_source, cost_nano_usd, end, "
    "score, verdict) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";
constexpr std::string_view of_these_names =
    " WHERE period_s = ? AND start_unix_s = ? AND route = ? AND tier = ? AND deployment = ? AND key = ? AND model = ? "
    "AND outcome = ?";
constexpr int name_parameters = 8;

std::string find_rollup_sql() {
  return "SELECT " + sums_columns() + " FROM rollups" + std::string(of_these_names);
}

std::string store_rollup_sql() {
  std::string sql =
      "INSERT OR REPLACE INTO rollups (period_s, start_unix_s, route, tier, deployment, key, model, outcome, " +
      sums_columns() + ") VALUES (?,?,?,?,?,?,?,?";
  for (std::size_t i = 0; i < Sums::count_size + 3; ++i) sql += ",?";
  return sql + ")";
}

void bind_names(Statement& statement, std::int64_t period_s, std::int64_t start, const RollupNames& names) {
  int at = 0;
  statement.bind(++at, period_s);
  statement.bind(++at, start);
  for (const std::string_view name : {names.route, names.tier, names.deployment, names.key, names.model, names.outcome})
    statement.bind(++at, name);
}

std::int64_t signed_of(std::uint64_t value) {
  return static_cast<std::int64_t>(value);
}

// SQLite would let everybody read a file that it makes. Its companions get the same permissions.
std::string made_for_us(std::string path) {
  const File file(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640));
  return path;
}

template <class... Values>
void bind_all(Statement& statement, const Values&... values) {
  int at = 0;
  (statement.bind(++at, values), ...);
}

}  // namespace

std::string database_path(const std::string& folder) {
  return folder + "/ledger.db";
}

const std::string& sums_columns() {
  static const std::string columns = [] {
    std::string list;
    for (const std::string_view name : count_names) list += std::string(name) + ", ";
    return list + "latency, ttft, overhead";
  }();
  return columns;
}

void add_row(Sums& sums, const Statement& row, int column) {
  for (std::size_t i = 0; i < Sums::count_size; ++i) sums.add(static_cast<Sums::Count>(i), row.whole(column++));
  sums.latency.add_encoded(row.text(column));
  sums.ttft.add_encoded(row.text(column + 1));
  sums.overhead.add_encoded(row.text(column + 2));
}

Checkpoint read_checkpoint(Database& database) {
  Statement statement = database.prepare("SELECT segment, offset, seq FROM checkpoint");
  if (!statement.step()) return {};
  const auto number = [&](int column) { return static_cast<std::uint64_t>(statement.whole(column)); };
  return {{number(0), number(1)}, number(2)};
}

Checkpoint projected_end(const std::string& folder) noexcept {
  try {
    struct stat state {};
    if (stat(database_path(folder).c_str(), &state) != 0) return {};
    Database database(database_path(folder), Database::Mode::read);
    return read_checkpoint(database);
  } catch (const std::exception&) {
    return {};
  }
}

Projection::Projection(const std::string& folder)
    : path_(made_for_us(database_path(folder))), database_(path_, Database::Mode::write) {
  database_.execute(
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = "
      "-16384");
  const std::int64_t before = migrate(database_, migrations());
  if (before > 0 && before < signed_of(migrations().size())) migrated_from_ = before;
  checkpoint_ = read_checkpoint(database_);
  insert_request_ = database_.prepare(insert_request_sql);
  insert_attempt_ = database_.prepare(insert_attempt_sql);
  find_rollup_ = database_.prepare(find_rollup_sql());
  store_rollup_ = database_.prepare(store_rollup_sql());
  move_checkpoint_ = database_.prepare("UPDATE checkpoint SET segment = ?, offset = ?, seq = ?");
  struct stat state {};
  if (stat(path_.c_str(), &state) == 0) inode_ = state.st_ino;
}

bool Projection::in_place() const {
  struct stat state {};
  return stat(path_.c_str(), &state) == 0 && state.st_ino == inode_;
}

std::size_t Projection::take(JournalReader& journal, std::size_t lines_max, bool last) {
  Line line;
  if (lines_max == 0 || !journal.next(line, last)) return 0;
  minutes_.clear();
  Transaction transaction(database_);
  if (read_checkpoint(database_) != checkpoint_) throw std::runtime_error(path_ + ": another process writes it");
  std::size_t lines = 0;
  do {
    ++lines;
    if (!reader_.read(line.json, record_)) continue;
    if (insert(line.seq, record_)) minutes_.add(record_, Rollups::minute_s);
  } while (lines < lines_max && journal.next(line, last));
  store_rollups();
  const Checkpoint reached{journal.position(), journal.last_seq()};
  bind_all(move_checkpoint_, signed_of(reached.at.segment), signed_of(reached.at.offset), signed_of(reached.seq));
  move_checkpoint_.run();
  transaction.commit();
  checkpoint_ = reached;
  return lines;
}

// False: it was there already.
bool Projection::insert(std::uint64_t seq, const StoredRecord& r) {
  bind_all(insert_request_, signed_of(seq), r.id, r.time_unix_ms, r.key, r.route, r.config_version, r.price_version,
           r.model_requested, r.path, r.chain, r.tier, r.task_class, r.outcome, r.error, r.status, r.finish_reason,
           r.streamed, r.cancelled, r.latency_ms, r.ttft_ms, r.overhead_us, r.cost_nano_usd, r.frontier_cost_nano_usd,
           r.experiment, r.signals, r.content, r.prompt, r.answer, r.pair, r.shadow_of);
  insert_request_.run();
  if (database_.changed() == 0) return false;
  for (std::size_t i = 0; i < r.attempts.size(); ++i) insert_attempt(seq, i, r.attempts[i]);
  return true;
}

void Projection::insert_attempt(std::uint64_t seq, std::size_t index, const StoredAttempt& a) {
  bind_all(insert_attempt_, signed_of(seq), signed_of(index), a.purpose, a.cause, a.deployment, a.provider, a.model,
           a.tier, a.status, a.error, a.start_ms, a.ttft_ms, a.latency_ms, a.tokens_input, a.tokens_input_cached,
           a.tokens_cache_write, a.tokens_output, a.tokens_reasoning, a.tokens_input_audio, a.tokens_output_audio,
           a.usage_source, a.cost_nano_usd, a.end, a.score, a.verdict);
  insert_attempt_.run();
}

void Projection::store_rollups() {
  hours_.clear();
  minutes_.for_each([&](std::int64_t start, const RollupNames& names, const Sums& sums) {
    store(Rollups::minute_s, start, names, sums);
    hours_.add(floor_to(start, Rollups::hour_s), names, sums);
  });
  hours_.for_each([&](std::int64_t start, const RollupNames& names, const Sums& sums) {
    store(Rollups::hour_s, start, names, sums);
  });
}

// Added to what is stored already.
void Projection::store(std::int64_t period_s, std::int64_t start, const RollupNames& names, const Sums& added) {
  Sums sums = added;
  bind_names(find_rollup_, period_s, start, names);
  if (find_rollup_.step()) add_row(sums, find_rollup_, 0);
  find_rollup_.reset();
  bind_names(store_rollup_, period_s, start, names);
  int at = name_parameters;
  for (const std::int64_t count : sums.counts) store_rollup_.bind(++at, count);
  const std::string histograms[] = {sums.latency.encode(), sums.ttft.encode(), sums.overhead.encode()};
  for (const std::string& histogram : histograms) store_rollup_.bind_blob(++at, histogram);
  store_rollup_.run();
}

bool Projection::retire(std::uint64_t first_seq, std::int64_t oldest_unix_ms, std::int64_t now_unix_ms) {
  Transaction transaction(database_);
  // The oldest rows have the lowest numbers, nearly: a long stream is numbered at its end and timed at its begin.
  Statement old = database_.prepare(
      "SELECT seq FROM (SELECT seq, time_unix_ms FROM requests ORDER BY seq LIMIT ?) WHERE seq < ? OR time_unix_ms < "
      "?");
  bind_all(old, std::int64_t{retire_rows}, signed_of(first_seq), oldest_unix_ms);
  std::vector<std::int64_t> gone;
  while (old.step()) gone.push_back(old.whole(0));
  old.reset();
  for (const char* sql : {"DELETE FROM requests WHERE seq = ?", "DELETE FROM attempts WHERE seq = ?"}) {
    Statement remove = database_.prepare(sql);
    for (const std::int64_t seq : gone) {
      remove.bind(1, seq);
      remove.run();
    }
  }
  Statement remove = database_.prepare("DELETE FROM rollups WHERE period_s = ? AND start_unix_s < ?");
  const std::int64_t oldest_minute_ms = std::max(now_unix_ms - minutes_kept_ms, oldest_unix_ms);
  bind_all(remove, Rollups::minute_s, oldest_minute_ms / 1000 - Rollups::minute_s);
  remove.run();
  bind_all(remove, Rollups::hour_s, oldest_unix_ms / 1000 - Rollups::hour_s);
  remove.run();
  transaction.commit();
  return !gone.empty();
}

}  // namespace triage::ledger
