#include "ledger/journal.hpp"

#include "ledger/journal_reader.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>

namespace triage::ledger {
namespace {

constexpr std::string_view suffix = ".jsonl";

std::uint64_t number_of(std::string_view name) {
  std::uint64_t number = 0;
  if (!name.ends_with(suffix)) return 0;
  name.remove_suffix(suffix.size());
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  return error == std::errc{} && end == name.data() + name.size() && name.size() >= 8 ? number : 0;
}

void sync_folder(const std::string& path) {
  const File folder(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder) fsync(folder.get());
}

}  // namespace

std::string journal_folder(const std::string& folder) {
  return folder + "/journal";
}

std::string segment_path(const std::string& folder, std::uint64_t number) {
  char name[40];
  std::snprintf(name, sizeof name, "/%08llu%s", static_cast<unsigned long long>(number), suffix.data());
  return journal_folder(folder) + name;
}

std::vector<Segment> segments_of(const std::string& folder) {
  std::vector<Segment> found;
  DIR* const entries = opendir(journal_folder(folder).c_str());
  if (!entries) return found;
  while (const dirent* entry = readdir(entries)) {
    const std::uint64_t number = number_of(entry->d_name);
    struct stat state {};
    if (number == 0 || stat(segment_path(folder, number).c_str(), &state) != 0 || !S_ISREG(state.st_mode)) continue;
    found.push_back({number, static_cast<std::uint64_t>(state.st_size),
                     std::int64_t{state.st_mtim.tv_sec} * 1000 + state.st_mtim.tv_nsec / 1'000'000});
  }
  closedir(entries);
  std::ranges::sort(found, {}, &Segment::number);
  return found;
}

std::size_t Journal::append(std::string_view lines) {
  if (!ready()) return 0;
  std::size_t written = 0;
  while (written < lines.size()) {
    const ssize_t count = write(file_.get(), lines.data() + written, lines.size() - written);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      fail(path_, count < 0 ? errno : ENOSPC);
      break;
    }
    written += static_cast<std::size_t>(count);
  }
  const std::size_t whole = written == lines.size() ? written : lines.substr(0, written).rfind('\n') + 1;
  size_ += whole;
  ragged_ = whole != written && ftruncate(file_.get(), static_cast<off_t>(size_)) != 0;
  if (whole > 0) dirty_ = true;
  if (whole == lines.size()) problem_.clear();
  return whole;
}

// Prepares a segment to append to, which ends with a complete line.
bool Journal::ready() {
  const bool gone = file_ && disturbed();
  if (file_ && !gone && ragged_) ragged_ = ftruncate(file_.get(), static_cast<off_t>(size_)) != 0;
  if (file_ && !gone && !ragged_ && size_ < options_.segment_bytes && !old()) return true;
  if (file_ && !gone && options_.durable && dirty_ && !sync()) return false;
  return open_next();
}

// Whether the file was moved or cut, for example by log rotation: no reader would find what is written to it.
bool Journal::disturbed() {
  struct stat here {};
  struct stat there {};
  const bool open = fstat(file_.get(), &here) == 0 && here.st_nlink > 0;
  const bool in_place = open && stat(path_.c_str(), &there) == 0 && there.st_ino == here.st_ino;
  const bool whole = static_cast<std::uint64_t>(here.st_size) >= size_;
  if (in_place && whole) return false;
  disturbance_ =
      path_ + (in_place ? " was cut from " + std::to_string(size_) + " bytes to " + std::to_string(here.st_size)
                        : std::string(" was moved away or removed"));
  return true;
}

bool Journal::old() const {
  return std::chrono::steady_clock::now() - opened_ >= options_.segment_age;
}

bool Journal::open_next() {
  const std::string parent = journal_folder(options_.folder);
  if (const int error = make_folder(parent); error != 0) return fail(parent, error), false;
  const std::string path = segment_path(options_.folder, next_number_);
  File file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0640));
  if (!file) {
    if (errno == EEXIST) ++next_number_;
    return fail(path, errno), false;
  }
  ++next_number_;
  file_ = std::move(file);
  path_ = path;
  opened_ = std::chrono::steady_clock::now();
  rotated_ = true;
  size_ = 0;
  dirty_ = ragged_ = false;
  if (options_.durable) sync_folder(parent), sync_folder(options_.folder);
  return true;
}

bool Journal::sync() {
  if (!file_ || !dirty_) return true;
  if (fdatasync(file_.get()) != 0) return fail(path_, errno), false;
  dirty_ = false;
  return true;
}

void Journal::fail(const std::string& path, int error) {
  problem_ = failure_text(path, error);
}

void Journal::end_if_old() {
  if (old() && (!file_ || !options_.durable || sync())) open_next();
}

JournalEnd journal_end(const std::string& folder) {
  JournalEnd end;
  const std::vector<Segment> all = segments_of(folder);
  if (!all.empty()) end.next_number = all.back().number + 1;
  for (auto segment = all.rbegin(); segment != all.rend() && end.last_seq == 0; ++segment) {
    SegmentReader reader(segment_path(folder, segment->number));
    Line line;
    while (reader.next(line, true)) end.last_seq = std::max(end.last_seq, line.seq);
    if (segment == all.rbegin()) end.torn = reader.counts().torn > 0;
  }
  return end;
}

}  // namespace triage::ledger
