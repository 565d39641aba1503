#include "ledger/database.hpp"

#include <sqlite3.h>

namespace triage::ledger {
namespace {

constexpr int busy_timeout_ms = 1000;

[[noreturn]] void fail(sqlite3* handle, int code) {
  const std::string text = handle ? sqlite3_errmsg(handle) : sqlite3_errstr(code);
  const char* const path = handle ? sqlite3_db_filename(handle, "main") : nullptr;
  throw DatabaseError((path ? std::string(path) + ": " : std::string()) + text, code & 0xff);
}

// SQLite counts what it allocates, under one lock for all threads, unless it is told not to before its first use.
void spare_the_count_of_memory() {
  [[maybe_unused]] static const int done = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

}  // namespace

bool DatabaseError::damaged() const noexcept {
  return code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
}

void Database::Close::operator()(sqlite3* handle) const noexcept {
  sqlite3_close_v2(handle);
}

void Statement::Finalize::operator()(sqlite3_stmt* statement) const noexcept {
  sqlite3_finalize(statement);
}

Database::Database(const std::string& path, Mode mode) {
  spare_the_count_of_memory();
  sqlite3* handle = nullptr;
  const int flags = mode == Mode::write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  handle_.reset(handle);
  if (code != SQLITE_OK) throw DatabaseError(path + ": " + sqlite3_errstr(code), code & 0xff);
  sqlite3_busy_timeout(handle, busy_timeout_ms);
}

void Database::execute(const std::string& sql) {
  const int code = sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail(handle_.get(), code);
}

Statement Database::prepare(std::string_view sql) {
  return {*this, sql};
}

std::optional<std::int64_t> Database::number(std::string_view sql) {
  Statement statement = prepare(sql);
  if (!statement.step() || statement.is_null(0)) return std::nullopt;
  return statement.whole(0);
}

std::int64_t Database::changed() const {
  return sqlite3_changes(handle_.get());
}

Statement::Statement(Database& database, std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(database.handle_.get(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  statement_.reset(statement);
  if (code != SQLITE_OK) fail(database.handle_.get(), code);
}

void Statement::check(int code) const {
  if (code != SQLITE_OK) fail(sqlite3_db_handle(statement_.get()), code);
}

void Statement::bind(int at, std::string_view text) {
  const char* const bytes = text.data() ? text.data() : "";
  check(sqlite3_bind_text64(statement_.get(), at, bytes, text.size(), SQLITE_STATIC, SQLITE_UTF8));
}
void Statement::bind_blob(int at, std::string_view bytes) {
  check(sqlite3_bind_blob64(statement_.get(), at, bytes.data() ? bytes.data() : "", bytes.size(), SQLITE_STATIC));
}
void Statement::bind(int at, std::int64_t value) {
  check(sqlite3_bind_int64(statement_.get(), at, value));
}
void Statement::bind(int at, double value) {
  check(sqlite3_bind_double(statement_.get(), at, value));
}
void Statement::bind_null(int at) {
  check(sqlite3_bind_null(statement_.get(), at));
}

bool Statement::step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  sqlite3* const handle = sqlite3_db_handle(statement_.get());
  try {
    fail(handle, code);
  } catch (...) {
    sqlite3_reset(statement_.get());
    throw;
  }
}

void Statement::reset() {
  sqlite3_reset(statement_.get());
}

std::int64_t Statement::whole(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}
double Statement::decimal(int column) const {
  return sqlite3_column_double(statement_.get(), column);
}
bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}
std::string_view Statement::text(int column) const {
  const void* const bytes = sqlite3_column_blob(statement_.get(), column);
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return bytes ? std::string_view(static_cast<const char*>(bytes), static_cast<std::size_t>(size)) : std::string_view();
}

Transaction::~Transaction() {
  if (!open_) return;
  try {
    database_.execute("ROLLBACK");
  } catch (const DatabaseError&) {  // an error may have rolled it back already
  }
}

void Transaction::commit() {
  database_.execute("COMMIT");
  open_ = false;
}

}  // namespace triage::ledger
