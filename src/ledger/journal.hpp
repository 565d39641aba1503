#pragma once
// The journal: DIR/journal/00000001.jsonl and so on, segments of whole lines in the order of their sequence numbers. A
// segment is written once, by one process: the next process takes the next number.

#include "ledger/line.hpp"
#include "ledger/spool.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace triage::ledger {

struct Segment {
  std::uint64_t number = 0;
  std::uint64_t bytes = 0;
  std::int64_t changed_unix_ms = 0;
};

std::string journal_folder(const std::string& folder);
std::string segment_path(const std::string& folder, std::uint64_t number);

/// The journal's segments in the ledger's `folder`, oldest first. Empty if there is no journal.
std::vector<Segment> segments_of(const std::string& folder);

/// Writes the journal.
class Journal {
 public:
  struct Options {
    std::string folder;
    std::uint64_t segment_bytes = 0;          ///< a segment of this size is followed by the next
    std::chrono::milliseconds segment_age{};  ///< so is one of this age
    bool durable = false;                     ///< a segment is synced to disk before the next begins
  };
  /// `next_number`: of the first segment, which is made with the first line.
  Journal(Options options, std::uint64_t next_number) : options_(std::move(options)), next_number_(next_number) {}

  /// Appends `lines`, each with its newline. Returns the size of those that are now completely in the file. If it is
  /// less than all, problem() says why, and the rest may be tried again.
  std::size_t append(std::string_view lines);

  /// Syncs what was appended to disk. False: problem() says why.
  bool sync();

  /// Ends a segment that is old enough and begins the next, so that the journal shows that time passed.
  void end_if_old();

  /// Whether another segment has begun since the last call.
  [[nodiscard]] bool rotated() noexcept { return std::exchange(rotated_, false); }

  /// The number of the current segment; 0: none.
  [[nodiscard]] std::uint64_t current() const noexcept { return file_ ? next_number_ - 1 : 0; }

  /// What somebody else did to the current segment, reported once; empty: nothing. Writing goes on in the next one.
  [[nodiscard]] std::string disturbance() { return std::exchange(disturbance_, {}); }

  [[nodiscard]] const std::string& problem() const noexcept { return problem_; }

 private:
  bool ready();
  [[nodiscard]] bool disturbed();
  [[nodiscard]] bool old() const;
  bool open_next();
  void fail(const std::string& path, int error);

  Options options_;
  std::uint64_t next_number_;
  File file_;
  std::string path_;
  std::chrono::steady_clock::time_point opened_ = std::chrono::steady_clock::now();
  std::uint64_t size_ = 0;  ///< of the complete lines
  bool rotated_ = false;
  bool dirty_ = false;   ///< not synced
  bool ragged_ = false;  ///< has bytes behind `size_`
  std::string problem_;
  std::string disturbance_;
};

/// Where the journal ends, found by reading the last segment that has a complete line.
struct JournalEnd {
  std::uint64_t last_seq = 0;
  std::uint64_t next_number = 1;
  bool torn = false;  ///< the newest segment ends inside a line
};
JournalEnd journal_end(const std::string& folder);

}  // namespace triage::ledger
