#include "ledger/retention.hpp"

#include "base/log.hpp"
#include "base/unix_time.hpp"
#include "ledger/horizon.hpp"
#include "ledger/journal_reader.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <string_view>

namespace triage::ledger {
namespace {

// Two numbers of 20 digits, followed by a space and a line break: always the same size.
constexpr std::size_t retired_bytes = 42;
constexpr std::size_t names_most = 100;

std::string retired_path(const std::string& folder) {
  return folder + "/retired";
}

std::string file_name(std::uint64_t number) {
  const std::string path = segment_path("", number);
  return path.substr(path.rfind('/') + 1);
}

}  // namespace

std::optional<Retired> read_retired(const std::string& folder) {
  const File file(open(retired_path(folder).c_str(), O_RDONLY | O_CLOEXEC));
  char text[retired_bytes];
  if (!file || pread(file.get(), text, sizeof text, 0) != sizeof text) return std::nullopt;
  Retired retired;
  const char* const end = text + sizeof text;
  const auto segment = std::from_chars(text, end, retired.segment);
  if (segment.ec != std::errc() || *segment.ptr != ' ') return std::nullopt;
  const auto seq = std::from_chars(segment.ptr + 1, end, retired.seq);
  if (seq.ec != std::errc()) return std::nullopt;
  return retired;
}

int write_retired(const std::string& folder, const Retired& retired) {
  const File file(open(retired_path(folder).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0640));
  if (!file) return errno;
  char text[retired_bytes + 1];
  std::snprintf(text, sizeof text, "%020llu %020llu\n", static_cast<unsigned long long>(retired.segment),
                static_cast<unsigned long long>(retired.seq));
  const ssize_t written = pwrite(file.get(), text, retired_bytes, 0);
  if (written != static_cast<ssize_t>(retired_bytes)) return written < 0 ? errno : ENOSPC;
  return fdatasync(file.get()) == 0 ? 0 : errno;
}

std::optional<std::uint64_t> first_seq_of(const std::string& folder, const std::vector<Segment>& segments,
                                          std::size_t from) {
  Line line;
  for (std::size_t i = from; i < segments.size(); ++i)
    if (SegmentReader(segment_path(folder, segments[i].number)).next(line, false)) return line.seq;
  return std::nullopt;
}

MissingFiles missing_files(const std::vector<Segment>& segments, const Retired& retired) {
  MissingFiles missing;
  std::uint64_t expected = retired.segment + 1;
  std::size_t ranges = 0;
  for (const Segment& segment : segments) {
    if (segment.number > expected) {
      missing.count += segment.number - expected;
      if (ranges++ < names_most) {
        if (!missing.names.empty()) missing.names += ", ";
        missing.names += file_name(expected);
        if (segment.number - 1 > expected) missing.names += " to " + file_name(segment.number - 1);
      }
    }
    expected = segment.number + 1;
  }
  return missing;
}

Retention::Retention(const LedgerSpec& spec, Metrics& metrics)
    : spec_(spec),
      overdue_(metrics.gauge("triage_ledger_overdue_files",
                             "Files of the journal that are kept though the clock says they are too old: it jumped.")),
      missing_(metrics.gauge("triage_ledger_missing_files",
                             "Files of the journal that somebody else than the ledger moved away or removed.")),
      disturbed_(metrics.counter("triage_ledger_disturbed_total",
                                 "Times that the journal's newest file was moved, removed or cut by somebody else.")),
      failures_(metrics.counter("triage_ledger_failures_total", "Operations of the ledger that failed.",
                                {{"of", "retire"}})) {}

void Retention::begin() {
  const std::vector<Segment> all = segments_of(spec_.dir);
  if (const auto known = read_retired(spec_.dir)) {
    retired_ = *known;
  } else {
    // A ledger from before this file existed, or a new one: whatever is missing now was removed by the ledger.
    retired_ = {};
    if (!all.empty()) retired_ = {all.front().number - 1, first_seq_of(spec_.dir, all).value_or(1) - 1};
    note(retired_);
  }
  look(all);
}

void Retention::retire(Journal& journal, std::uint64_t last_seq) {
  if (const std::string what = journal.disturbance(); !what.empty()) {
    disturbed_.add();
    log::error(what + "; the ledger goes on in its next file");
  }
  journal.end_if_old();
  std::vector<Segment> all = segments_of(spec_.dir);
  const Horizon found = horizon(all, now_unix_ms(), spec_.retain, step_of(spec_.retain));
  look_at_clock(found.overdue);
  std::uint64_t total = 0;
  for (const Segment& segment : all) total += segment.bytes;
  std::size_t gone = 0;
  for (; gone < all.size() && all[gone].number != journal.current(); ++gone) {
    if (gone >= found.outdated && total <= spec_.retain_bytes.bytes) break;
    total -= all[gone].bytes;
  }
  if (gone > 0) {
    const std::uint64_t next = first_seq_of(spec_.dir, all, gone).value_or(last_seq + 1);
    note({all[gone - 1].number, next - 1});
    for (std::size_t i = 0; i < gone; ++i)
      if (unlink(segment_path(spec_.dir, all[i].number).c_str()) != 0 && errno != ENOENT) failures_.add();
    all.erase(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(gone));
  }
  look(all);
}

// Files are removed even if that cannot be noted: otherwise a full disk would stay full.
void Retention::note(const Retired& retired) {
  retired_ = retired;
  const int error = write_retired(spec_.dir, retired);
  if (error == 0) return;
  failures_.add();
  log::error("the ledger cannot note which of its files it removed: " + failure_text(retired_path(spec_.dir), error));
}

void Retention::look(const std::vector<Segment>& segments) {
  const MissingFiles missing = missing_files(segments, retired_);
  missing_.set(static_cast<std::int64_t>(missing.count));
  if (std::exchange(told_, missing.names) == missing.names || missing.count == 0) return;
  log::error("the ledger's journal lacks " + std::to_string(missing.count) +
             " files, which somebody moved away or removed: " + missing.names +
             "; the database keeps what it has of them, and a new one will not have it");
}

void Retention::look_at_clock(std::size_t overdue) {
  overdue_.set(static_cast<std::int64_t>(overdue));
  if (std::exchange(is_overdue_, overdue > 0) == (overdue > 0)) return;
  if (overdue == 0) return log::info("no file of the ledger's journal is older than 'ledger.retain' any more");
  log::error("by the clock, " + std::to_string(overdue) +
             " files of the ledger's journal are older than 'ledger.retain', but it jumped since they were written, or "
             "no gateway ran: they are not removed at once, but one by one as time passes; docs/ledger.md says how "
             "to remove them at once");
}

}  // namespace triage::ledger
