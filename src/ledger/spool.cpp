#include "ledger/spool.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <vector>

namespace triage::ledger {
namespace {

constexpr std::size_t page = 4096;
constexpr std::size_t piece = 1 << 20;

Error failure(const std::string& path, int error) {
  return {ErrorCode::internal_error, failure_text(path, error)};
}

std::size_t size_for(std::uint64_t bytes) {
  const std::size_t pages = static_cast<std::size_t>((bytes + page - 1) / page);
  return Ring::header_bytes + std::max<std::size_t>(pages, 2) * page;
}

std::uint64_t new_epoch() {
  std::uint64_t epoch = 0;
  if (getrandom(&epoch, sizeof epoch, 0) != sizeof epoch) epoch = static_cast<std::uint64_t>(getpid());
  return epoch;
}

// Returns 0 or errno. Writing, unlike fallocate alone, makes the file system map the blocks now.
int fill(int file, std::size_t size) {
  if (const int error = posix_fallocate(file, 0, static_cast<off_t>(size)); error != 0) return error;
  const std::vector<char> zeros(std::min(piece, size));
  for (std::size_t done = 0; done < size;) {
    const ssize_t count = pwrite(file, zeros.data(), std::min(zeros.size(), size - done), static_cast<off_t>(done));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return count < 0 ? errno : ENOSPC;
    done += static_cast<std::size_t>(count);
  }
  return 0;
}

char* map(int file, std::size_t size, int protection, int sharing) {
  void* const block = mmap(nullptr, size, protection, sharing | MAP_POPULATE, file, 0);
  return block == MAP_FAILED ? nullptr : static_cast<char*>(block);
}

constexpr int read_write = PROT_READ | PROT_WRITE;

// Creates a new, locked file. The process that has the directory removes such files when they are not locked
// (left_aside()). If it takes the lock first, another file is made. Nobody else holds the lock for long.
Result<File> make_locked(const std::string& path) {
  while (true) {
    File file(open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0640));
    struct stat state {};
    if (!file || flock(file.get(), LOCK_EX) != 0 || fstat(file.get(), &state) != 0) return failure(path, errno);
    if (state.st_nlink > 0) return file;
  }
}

// Creates a new, empty ring under a temporary name, and renames it when it is complete.
Result<File> make(const std::string& path, std::size_t size, std::uint64_t last_seq, bool locked = false) {
  const std::string temporary = path + ".new";
  File file;
  if (locked) {
    auto made = make_locked(temporary);
    if (!made) return made.error();
    file = std::move(*made);
  } else {
    file = File(open(temporary.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0640));
    if (!file) return failure(temporary, errno);
  }
  int error = fill(file.get(), size);
  if (error == 0) {
    char header[Ring::header_bytes] = {};
    Ring::format(header, size, new_epoch(), last_seq);
    if (pwrite(file.get(), header, sizeof header, 0) != sizeof header) error = errno;
  }
  if (error == 0 && (fsync(file.get()) != 0 || rename(temporary.c_str(), path.c_str()) != 0)) error = errno;
  if (error == 0) return file;
  unlink(temporary.c_str());
  return failure(temporary, error);
}

constexpr std::string_view aside_prefix = "spool-";
constexpr std::string_view damaged_suffix = ".damaged";

// Names in `folder` that begin like those of spools aside; a process that was killed in make() may have left "...new".
std::vector<std::string> aside_names(const std::string& folder) {
  std::vector<std::string> found;
  DIR* const entries = opendir(folder.c_str());
  if (!entries) return found;
  while (const dirent* entry = readdir(entries))
    if (const std::string_view name = entry->d_name; name.starts_with(aside_prefix) && !name.ends_with(damaged_suffix))
      found.emplace_back(folder + '/' + entry->d_name);
  closedir(entries);
  std::ranges::sort(found);
  return found;
}

std::size_t file_size(const File& file) {
  struct stat state {};
  return fstat(file.get(), &state) == 0 && S_ISREG(state.st_mode) ? static_cast<std::size_t>(state.st_size) : 0;
}

}  // namespace

File::~File() {
  if (descriptor_ >= 0) close(descriptor_);
}

std::string failure_text(const std::string& path, int error) {
  return path + ": " + std::generic_category().message(error);
}

int make_folder(const std::string& path) {
  std::error_code failed;
  const auto parent = std::filesystem::path(path).parent_path();
  if (!parent.empty()) std::filesystem::create_directories(parent, failed);
  struct stat state {};
  if (mkdir(path.c_str(), 0750) == 0) return 0;
  const int error = errno;
  return error == EEXIST && stat(path.c_str(), &state) == 0 && S_ISDIR(state.st_mode) ? 0 : error;
}

Spool::Spool(File file, char* block, std::size_t size) noexcept : file_(std::move(file)), block_(block), size_(size) {
  ring_.emplace(block_, size_);
}

Spool::~Spool() {
  munmap(block_, size_);
}

Result<std::unique_ptr<Spool>> Spool::open(const std::string& folder, std::uint64_t bytes, std::uint64_t last_seq) {
  const std::string path = folder + "/spool";
  const std::size_t wanted = size_for(bytes);
  bool damaged = false;
  File file(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  if (!file && errno != ENOENT) return failure(path, errno);
  if (file) {
    const std::size_t size = file_size(file);
    char* const block = size > Ring::header_bytes ? map(file.get(), size, read_write, MAP_SHARED) : nullptr;
    if (block && Ring::valid(block, size)) {
      std::unique_ptr<Spool> found(new Spool(std::move(file), block, size));
      if (found->ring().waiting_bytes() > 0) return found;
      last_seq = std::max(last_seq, found->ring().consumed());
    } else {
      if (block) munmap(block, size);
      damaged = true;
      if (rename(path.c_str(), (path + ".damaged").c_str()) != 0) return failure(path, errno);
    }
  }
  auto made = make(path, wanted, last_seq);
  if (!made) return made.error();
  char* const block = map(made->get(), wanted, read_write, MAP_SHARED);
  if (!block) return failure(path, errno);
  std::unique_ptr<Spool> spool(new Spool(std::move(*made), block, wanted));
  spool->replaced_damaged_ = damaged;
  return spool;
}

Result<std::unique_ptr<Spool>> Spool::open_to_read(const std::string& folder) {
  return read_only(folder + "/spool");
}

Result<std::unique_ptr<Spool>> Spool::read_only(const std::string& path) {
  File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return failure(path, errno);
  const std::size_t size = file_size(file);
  char* const block = size > Ring::header_bytes ? map(file.get(), size, read_write, MAP_PRIVATE) : nullptr;
  if (!block || !Ring::valid(block, size)) {
    if (block) munmap(block, size);
    return Error{ErrorCode::internal_error, path + ": it is not a spool"};
  }
  return std::unique_ptr<Spool>(new Spool(std::move(file), block, size));
}

Result<std::unique_ptr<Spool>> Spool::make_aside(const std::string& folder, std::uint64_t bytes) {
  char name[40];
  std::snprintf(name, sizeof name, "/%s%016llx", aside_prefix.data(), static_cast<unsigned long long>(new_epoch()));
  const std::string path = folder + name;
  const std::size_t size = size_for(bytes);
  auto made = make(path, size, 0, true);
  if (!made) return made.error();
  char* const block = map(made->get(), size, read_write, MAP_SHARED);
  if (!block) return failure(path, errno);
  std::unique_ptr<Spool> spool(new Spool(std::move(*made), block, size));
  spool->path_ = path;
  return spool;
}

std::vector<std::unique_ptr<Spool>> Spool::left_aside(const std::string& folder) {
  std::vector<std::unique_ptr<Spool>> found;
  for (const std::string& path : aside_names(folder)) {
    File file(::open(path.c_str(), O_RDWR | O_CLOEXEC));
    if (!file || flock(file.get(), LOCK_EX | LOCK_NB) != 0) continue;
    const std::size_t size = file_size(file);
    char* const block = size > Ring::header_bytes ? map(file.get(), size, read_write, MAP_SHARED) : nullptr;
    const bool half_made = path.ends_with(".new");
    if (!block || half_made || !Ring::valid(block, size)) {
      if (block) munmap(block, size);
      half_made ? unlink(path.c_str()) : rename(path.c_str(), (path + std::string(damaged_suffix)).c_str());
      continue;
    }
    found.emplace_back(new Spool(std::move(file), block, size))->path_ = path;
  }
  return found;
}

std::vector<std::unique_ptr<Spool>> Spool::aside_to_read(const std::string& folder) {
  std::vector<std::unique_ptr<Spool>> found;
  for (const std::string& path : aside_names(folder))
    if (auto spool = read_only(path)) found.push_back(std::move(*spool));
  return found;
}

std::unique_ptr<Spool> Spool::in_memory(std::uint64_t bytes) {
  const std::size_t size = size_for(bytes);
  void* const block = mmap(nullptr, size, read_write, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (block == MAP_FAILED) return nullptr;
  Ring::format(static_cast<char*>(block), size, new_epoch(), 0);
  return std::unique_ptr<Spool>(new Spool(File(), static_cast<char*>(block), size));
}

bool Spool::sync() noexcept {
  return file_ && msync(block_, size_, MS_SYNC) == 0;
}

void Spool::remove() noexcept {
  if (!path_.empty()) unlink(path_.c_str());
}

bool Spool::in_place() const noexcept {
  struct stat state {};
  return !file_ || (fstat(file_.get(), &state) == 0 && state.st_nlink > 0);
}

}  // namespace triage::ledger
