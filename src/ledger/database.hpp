#pragma once
// A minimal SQLite wrapper. It throws on failures: nothing here runs on the path of a request.

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace triage::ledger {

struct DatabaseError : std::runtime_error {
  DatabaseError(const std::string& what, int result_code) : std::runtime_error(what), code(result_code) {}
  int code;  ///< SQLite's primary result code
  /// Whether the file is not a database, or no longer one.
  [[nodiscard]] bool damaged() const noexcept;
};

class Statement;

/// One connection, used by one thread at a time.
class Database {
 public:
  enum class Mode : std::uint8_t { write, read };
  /// `write` creates the file if it does not exist; with `read`, a missing file is an error.
  Database(const std::string& path, Mode mode);

  void execute(const std::string& sql);
  Statement prepare(std::string_view sql);
  /// The single result of a statement; nothing if there is no row or it is null.
  std::optional<std::int64_t> number(std::string_view sql);
  /// The number of rows that the last INSERT, UPDATE or DELETE changed.
  [[nodiscard]] std::int64_t changed() const;

 private:
  friend class Statement;
  struct Close {
    void operator()(sqlite3* handle) const noexcept;
  };
  std::unique_ptr<sqlite3, Close> handle_;
};

/// Parameters count from 1, columns from 0, as in SQLite. A bound value must live until the step.
class Statement {
 public:
  Statement() = default;
  Statement(Database& database, std::string_view sql);

  void bind(int at, std::string_view text);
  void bind_blob(int at, std::string_view bytes);
  void bind(int at, std::int64_t value);
  void bind(int at, double value);
  void bind_null(int at);
  template <class T>
  void bind(int at, const std::optional<T>& value) {
    if (!value)
      bind_null(at);
    else if constexpr (std::is_same_v<T, bool>)
      bind(at, std::int64_t{*value});
    else
      bind(at, *value);
  }

  /// True if there is a row.
  bool step();
  void reset();
  /// Runs a statement that returns no rows, and makes it ready for the next time.
  void run() {
    step();
    reset();
  }

  [[nodiscard]] std::int64_t whole(int column) const;
  [[nodiscard]] double decimal(int column) const;
  [[nodiscard]] bool is_null(int column) const;
  /// Valid until the next step.
  [[nodiscard]] std::string_view text(int column) const;

 private:
  void check(int code) const;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const noexcept;
  };
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

/// BEGIN IMMEDIATE .. COMMIT; ROLLBACK if it ends in any other way.
class Transaction {
 public:
  explicit Transaction(Database& database) : database_(database) { database_.execute("BEGIN IMMEDIATE"); }
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

 private:
  Database& database_;
  bool open_ = true;
};

}  // namespace triage::ledger
