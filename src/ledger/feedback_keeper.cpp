// Looked up in two places: the rest of the journal that the database does not have yet, then the database. What only
// the spool has is missed for the few milliseconds until it is in the journal; the pipeline remembers such requests.
#include "ledger/feedback_keeper.hpp"

#include "base/log.hpp"
#include "base/unix_time.hpp"
#include "ledger/journal_reader.hpp"
#include "ledger/schema.hpp"
#include "ledger/sqlite_projection.hpp"

#include <pthread.h>
#include <sys/stat.h>
#include <nlohmann/json.hpp>

namespace triage::ledger {
namespace {

using Json = nlohmann::json;

constexpr std::size_t recent_max = 4096;                  // requests whose feedback is remembered
constexpr std::uint64_t rest_max = 256ULL * 1024 * 1024;  // of the journal, that is read for one call
constexpr std::chrono::seconds come_back{5};

std::string text_of(const Text& text) {
  return std::string(text.value_or(""));
}

std::optional<Assigned> assigned(const Text& json) {
  if (!json || json->empty()) return std::nullopt;
  const Json read = Json::parse(*json, nullptr, false);
  if (!read.is_object()) return std::nullopt;
  const auto text = [&read](const char* name) {
    const auto found = read.find(name);
    return found != read.end() && found->is_string() ? found->get<std::string>() : "";
  };
  const auto share = read.find("share");
  const bool told = share != read.end() && share->is_number();
  return Assigned{text("name"), text("version"), text("arm"), text("unit"), told ? share->get<double>() : 0};
}

std::optional<Thumb> thumb_of(const Text& word) {
  if (!word) return std::nullopt;
  for (std::size_t i = 0; i < thumb_names.size(); ++i)
    if (thumb_names[i] == *word) return static_cast<Thumb>(i);
  return std::nullopt;
}

PastRequest past(const StoredRecord& stored) {
  return {text_of(stored.get<&LedgerRecord::id>()), text_of(stored.get<&LedgerRecord::key>()),
          text_of(stored.get<&LedgerRecord::route>()), stored.get<&LedgerRecord::time_unix_ms>().value_or(0),
          assigned(stored.get<&LedgerRecord::experiment>())};
}

Feedback said_in(const Stored<FeedbackEvent>& stored) {
  return {thumb_of(stored.get<&FeedbackEvent::thumb>()), stored.get<&FeedbackEvent::score>(),
          stored.get<&FeedbackEvent::task_completed>(), text_of(stored.get<&FeedbackEvent::comment>()),
          text_of(stored.get<&FeedbackEvent::corrected>())};
}

Text column(const Statement& row, int at) {
  return row.is_null(at) ? Text() : Text(row.text(at));
}

Error not_now(const std::string& why) {
  Error error{ErrorCode::overloaded, "feedback cannot be taken at the moment: " + why};
  error.retry_after = come_back;
  return error;
}

}  // namespace

FeedbackKeeper::~FeedbackKeeper() {
  stop();
}

void FeedbackKeeper::start() {
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
}

void FeedbackKeeper::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

bool FeedbackKeeper::post(std::function<void()> task) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || waiting_.size() >= most_.load(std::memory_order_relaxed)) return false;
    waiting_.push_back(std::move(task));
  }
  wake_.notify_one();
  return true;
}

bool FeedbackKeeper::find(std::string id, std::optional<std::string> key, Found done) {
  return post([this, id = std::move(id), key = std::move(key), done = std::move(done)] { find_now(id, key, done); });
}

bool FeedbackKeeper::keep(PastRequest request, std::string key, Feedback said, Kept done) {
  return post([this, request = std::move(request), key = std::move(key), said = std::move(said),
               done = std::move(done)] { keep_now(request, key, said, done); });
}

void FeedbackKeeper::run() {
  pthread_setname_np(pthread_self(), "feedback");
  for (;;) {
    std::function<void()> task;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      task = std::move(waiting_.front());
      waiting_.pop_front();
    }
    task();
  }
}

void FeedbackKeeper::find_now(const std::string& id, const std::optional<std::string>& key, const Found& done) {
  try {
    done(look_up(id, key));
  } catch (const std::exception& error) {
    database_.reset();
    log::warn(std::string("feedback: the ledger cannot be read: ") + error.what());
    done(not_now("the ledger cannot be read; the gateway's log has the reason"));
  }
}

void FeedbackKeeper::keep_now(const PastRequest& request, const std::string& key, const Feedback& said,
                              const Kept& done) {
  try {
    const Feedback before = said_before(request.id);
    Feedback all = before;
    all.add(said);
    if (all == before) return done(false);
    const std::optional<ExperimentRecord> experiment =
        request.experiment ? std::optional(request.experiment->record()) : std::nullopt;
    FeedbackEvent event;
    event.id = request.id;
    event.time_unix_ms = now_unix_ms();
    event.key = key;
    event.thumb = all.thumb;
    event.score = all.score;
    event.task_completed = all.task_completed;
    event.comment = all.comment;
    event.corrected = all.corrected;
    event.route = request.route;
    event.experiment = experiment ? &*experiment : nullptr;
    if (!ledger_.keep(event)) return done(not_now("the ledger has no room for it"));
    recent_.put(request.id, std::move(all));
    if (recent_.size() > recent_max) recent_.drop_oldest();
    done(true);
  } catch (const std::exception& error) {
    database_.reset();
    log::warn(std::string("feedback: the ledger cannot be read: ") + error.what());
    done(not_now("the ledger cannot be read; the gateway's log has the reason"));
  }
}

std::optional<PastRequest> FeedbackKeeper::look_up(const std::string& id, const std::optional<std::string>& key) {
  std::optional<PastRequest> found;
  each_since<LedgerRecord>(projected(), id, [&](const StoredRecord& stored) {
    const bool named = stored.get<&LedgerRecord::id>() == id || stored.get<&LedgerRecord::completion_id>() == id;
    if (!named || stored.get<&LedgerRecord::shadow_of>()) return;
    if (!key || stored.get<&LedgerRecord::key>().value_or("") == *key) found = past(stored);
  });
  Database* const rows = database();
  if (found || rows == nullptr) return found;
  for (const char* const column_name : {"id", "completion_id"}) {
    Statement row = rows->prepare("SELECT id, key, route, time_unix_ms, experiment FROM requests WHERE " +
                                  std::string(column_name) + " = ? AND shadow_of IS NULL" +
                                  (key ? " AND key = ?" : "") + " ORDER BY seq DESC LIMIT 1");
    row.bind(1, std::string_view(id));
    if (key) row.bind(2, std::string_view(*key));
    if (row.step())
      return PastRequest{std::string(row.text(0)), std::string(row.text(1)), std::string(row.text(2)), row.whole(3),
                         assigned(column(row, 4))};
  }
  return std::nullopt;
}

Feedback FeedbackKeeper::said_before(const std::string& id) {
  if (const Feedback* const known = recent_.use(id)) return *known;
  std::optional<Feedback> last;
  each_since<FeedbackEvent>(projected(), id, [&](const Stored<FeedbackEvent>& stored) {
    if (stored.get<&FeedbackEvent::id>() == id) last = said_in(stored);
  });
  Database* const rows = database();
  if (last || rows == nullptr) return last.value_or(Feedback());
  Statement row = rows->prepare(
      "SELECT thumb, score, task_completed, comment, corrected FROM feedback WHERE id = ? ORDER BY seq DESC LIMIT 1");
  row.bind(1, std::string_view(id));
  if (!row.step()) return {};
  Feedback out;
  out.thumb = thumb_of(column(row, 0));
  if (!row.is_null(1)) out.score = row.decimal(1);
  if (!row.is_null(2)) out.task_completed = row.whole(2) != 0;
  out.comment = row.text(3);
  out.corrected = row.text(4);
  return out;
}

// The database, once the projector has brought it to this version; until then the journal has all there is. It may have
// been made anew since the last call.
Database* FeedbackKeeper::database() {
  struct stat state {};
  const std::string path = database_path(folder_);
  const bool exists = stat(path.c_str(), &state) == 0;
  if (!exists || state.st_ino != inode_) database_.reset();
  if (!exists) return nullptr;
  if (database_) return &*database_;
  Database opened(path, Database::Mode::read);
  if (schema_version(opened) < static_cast<std::int64_t>(migrations().size())) return nullptr;
  database_ = std::move(opened);
  inode_ = state.st_ino;
  return &*database_;
}

// How far the database has the journal. It may have more by the time it is asked, never less.
Checkpoint FeedbackKeeper::projected() {
  Database* const rows = database();
  return rows != nullptr ? read_checkpoint(*rows) : Checkpoint();
}

// Calls take() with each line of that kind behind `from` that has the text `holding` somewhere.
template <class T, class Take>
void FeedbackKeeper::each_since(const Checkpoint& from, const std::string& holding, Take take) {
  JournalReader journal(folder_, from.at, from.seq);
  std::uint64_t bytes = 0;
  for (Line line; journal.next(line, false);) {
    bytes += line.json.size();
    if (bytes > rest_max) throw std::runtime_error("its database is too far behind its journal");
    if (line.json.find(holding) == std::string_view::npos || entry_.read(line) != Entry::Is::known) continue;
    if (entry_.kind() == kind_of<T>)
      entry_.visit([&]<class S>(const Stored<S>& stored) {
        if constexpr (std::is_same_v<S, T>) take(stored);
      });
  }
}

}  // namespace triage::ledger
