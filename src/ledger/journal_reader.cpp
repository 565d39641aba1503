#include "ledger/journal_reader.hpp"

#include "ledger/journal.hpp"
#include "triage/body_padding.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>

namespace triage::ledger {
namespace {

constexpr std::size_t chunk = 256 * 1024;
constexpr std::size_t chunk_max = 64 * 1024 * 1024;  // anything longer without a newline is damaged

std::size_t read_at(int file, char* to, std::size_t size, std::uint64_t offset) {
  std::size_t done = 0;
  while (done < size) {
    const ssize_t count = pread(file, to + done, size - done, static_cast<off_t>(offset + done));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    done += static_cast<std::size_t>(count);
  }
  return done;
}

}  // namespace

Position first_position(const std::string& folder, std::int64_t since_unix_ms) {
  for (const Segment& segment : segments_of(folder))
    if (segment.changed_unix_ms >= since_unix_ms) return {segment.number, 0};
  return {};
}

Skipped& Skipped::operator+=(const Skipped& more) noexcept {
  damaged += more.damaged;
  torn += more.torn;
  repeated += more.repeated;
  return *this;
}

SegmentReader::SegmentReader(const std::string& path, std::uint64_t offset)
    : file_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)), wanted_(chunk), begin_(offset) {}

bool SegmentReader::next(Line& out, bool last) {
  while (file_) {
    if (scanner_ && scanner_->next(out)) return true;
    // An unfinished line is read again, because its writer may have taken it back.
    begin_ = offset();
    before_ = counts();
    scanner_.reset();
    buffer_.resize(wanted_ + body_padding);
    const std::size_t size = read_at(file_.get(), buffer_.data(), wanted_, begin_);
    if (size == 0 && begin_ > 0 && was_cut()) {
      begin_ = 0;
      continue;
    }
    const std::string_view text(buffer_.data(), size);
    const bool at_end = size < wanted_;
    const bool unfinished = text.find('\n') == std::string_view::npos;
    if (unfinished && !at_end && wanted_ < chunk_max) {
      wanted_ *= 2;
      continue;
    }
    if (size == 0 || (unfinished && at_end && !last)) return false;
    scanner_.emplace(text, at_end ? last : unfinished);
  }
  return false;
}

// Whether somebody made the file shorter than what was read of it. Then its content is read from its beginning; readers
// that know some of the lines skip them.
bool SegmentReader::was_cut() const noexcept {
  struct stat state {};
  return fstat(file_.get(), &state) == 0 && static_cast<std::uint64_t>(state.st_size) < begin_;
}

Skipped SegmentReader::counts() const noexcept {
  Skipped counts = before_;
  if (scanner_) counts += Skipped{scanner_->damaged(), scanner_->torn() ? 1U : 0U, 0};
  return counts;
}

JournalReader::JournalReader(std::string folder, Position from, std::uint64_t after_seq)
    : folder_(std::move(folder)), at_(from), last_seq_(after_seq) {}

bool JournalReader::next(Line& out, bool last) {
  while (true) {
    if (!reader_ && !open_from(at_.segment, at_.offset)) return false;
    if (next_new(out, false)) return true;
    const auto following = segment_from(at_.segment + 1);
    if (!following && !last) return false;
    // Its writer went on to the next segment before we looked, or is gone: nothing more will come.
    if (next_new(out, true)) return true;
    if (!following) return false;
    before_ += reader_->counts();
    reader_.reset();
    at_ = {*following, 0};
  }
}

bool JournalReader::next_new(Line& out, bool last) {
  while (reader_->next(out, last)) {
    at_.offset = reader_->offset();
    if (out.seq <= last_seq_) {
      ++before_.repeated;
      continue;
    }
    if (last_seq_ > 0) missing_ += out.seq - last_seq_ - 1;
    last_seq_ = out.seq;
    return true;
  }
  at_.offset = reader_->offset();
  return false;
}

bool JournalReader::open_from(std::uint64_t number, std::uint64_t offset) {
  const auto found = segment_from(number);
  if (!found) return false;
  at_ = {*found, *found == number ? offset : 0};
  reader_ = std::make_unique<SegmentReader>(segment_path(folder_, at_.segment), at_.offset);
  return true;
}

std::optional<std::uint64_t> JournalReader::segment_from(std::uint64_t number) const {
  if (access(segment_path(folder_, number).c_str(), F_OK) == 0) return number;
  for (const Segment& segment : segments_of(folder_))  // this one was removed, or is not there yet
    if (segment.number >= number) return segment.number;
  return std::nullopt;
}

Skipped JournalReader::counts() const noexcept {
  Skipped counts = before_;
  if (reader_) counts += reader_->counts();
  return counts;
}

}  // namespace triage::ledger
