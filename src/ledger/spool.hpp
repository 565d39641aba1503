#pragma once
// The ring in a file, DIR/spool, mapped shared: what keep() put there is in the page cache, so that it outlives the
// process however that ends. A process that does not have the directory (folder.hpp) has its own spool beside it,
// called spool-NUMBER and locked (flock) while the process lives. The file's blocks are written when it is made, so
// that a full disk shows then, as an error, and not later, as SIGBUS. If no directory can be used, the ring is in
// memory, and nothing outlives the process.

#include "ledger/ring.hpp"
#include "triage/error.hpp"

#include <memory>
#include <string>
#include <vector>

namespace triage::ledger {

/// An open descriptor, closed on destruction.
class File {
 public:
  File() = default;
  explicit File(int descriptor) noexcept : descriptor_(descriptor) {}
  File(File&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  File& operator=(File&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~File();
  [[nodiscard]] int get() const noexcept { return descriptor_; }
  explicit operator bool() const noexcept { return descriptor_ >= 0; }

 private:
  int descriptor_ = -1;
};

/// "PATH: No space left on device", from errno.
std::string failure_text(const std::string& path, int error);

/// Creates the directory and its parents, accessible only to our user and group. Returns 0 or errno.
int make_folder(const std::string& path);

class Spool {
 public:
  /// Opens or creates DIR/spool. An empty one gets the size `bytes`, rounded up to whole pages; one with records keeps
  /// its size until it is empty at a start; a file that is not a spool is renamed to `spool.damaged`. `last_seq`: the
  /// journal's last sequence number. An error's message has the path and the reason.
  static Result<std::unique_ptr<Spool>> open(const std::string& folder, std::uint64_t bytes, std::uint64_t last_seq);

  /// Opens the spool for reading: nothing is created or changed, and nothing reaches the file.
  static Result<std::unique_ptr<Spool>> open_to_read(const std::string& folder);

  /// Creates a spool aside, empty and locked.
  static Result<std::unique_ptr<Spool>> make_aside(const std::string& folder, std::uint64_t bytes);

  /// The spools aside of processes that have ended, now locked by us.
  static std::vector<std::unique_ptr<Spool>> left_aside(const std::string& folder);

  /// The same for reading, like open_to_read().
  static std::vector<std::unique_ptr<Spool>> aside_to_read(const std::string& folder);

  static std::unique_ptr<Spool> in_memory(std::uint64_t bytes);

  ~Spool();
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  [[nodiscard]] Ring& ring() noexcept { return *ring_; }
  [[nodiscard]] bool in_file() const noexcept { return static_cast<bool>(file_); }
  /// Syncs what was pushed before to disk. False: failed, or in memory.
  bool sync() noexcept;
  /// Removes its file. For a spool aside that is empty.
  void remove() noexcept;
  /// Whether the file that was opened still has its name.
  [[nodiscard]] bool in_place() const noexcept;
  /// Whether a file without a ring in it was moved aside when this was opened.
  [[nodiscard]] bool replaced_damaged() const noexcept { return replaced_damaged_; }

 private:
  Spool(File file, char* block, std::size_t size) noexcept;
  static Result<std::unique_ptr<Spool>> read_only(const std::string& path);

  File file_;
  char* block_;
  std::size_t size_;
  bool replaced_damaged_ = false;
  std::string path_;  // of a spool aside
  std::optional<Ring> ring_;
};

}  // namespace triage::ledger
