#pragma once
// The ring in a file, DIR/spool, mapped shared: what keep() put there is in the page cache, so that it outlives the
// process however that ends. A process that has not the directory (folder.hpp) has one of its own beside it, called
// spool-NUMBER and locked (flock) while the process lives. Its blocks are written when it is made, so that a full disk
// shows then, as an error, and not later, as SIGBUS. Or, while no directory can be used, the ring in memory, which
// outlives nothing.

#include "ledger/ring.hpp"
#include "triage/error.hpp"

#include <memory>
#include <string>
#include <vector>

namespace triage::ledger {

/// An open descriptor, closed with it.
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

/// "PATH: No space left on device", of errno.
std::string failure_text(const std::string& path, int error);

/// Makes the directory, for us and our group only, and those above it. 0 or errno.
int make_folder(const std::string& path);

class Spool {
 public:
  /// Opens DIR/spool, or makes it. One that is empty gets the size `bytes`; one with records in it keeps its own until
  /// it is empty at a start; one that is no spool is renamed to `spool.damaged`. `last_seq`: the journal's last
  /// sequence number. Rounded up to whole pages. An error's message has the path and the reason.
  static Result<std::unique_ptr<Spool>> open(const std::string& folder, std::uint64_t bytes, std::uint64_t last_seq);

  /// For who only looks: nothing is made or changed, and nothing reaches the file.
  static Result<std::unique_ptr<Spool>> open_to_read(const std::string& folder);

  /// Makes a spool aside, empty and locked.
  static Result<std::unique_ptr<Spool>> make_aside(const std::string& folder, std::uint64_t bytes);

  /// Those of processes that have ended, now locked by us.
  static std::vector<std::unique_ptr<Spool>> left_aside(const std::string& folder);

  /// The same for who only looks, as open_to_read().
  static std::vector<std::unique_ptr<Spool>> aside_to_read(const std::string& folder);

  static std::unique_ptr<Spool> in_memory(std::uint64_t bytes);

  ~Spool();
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  [[nodiscard]] Ring& ring() noexcept { return *ring_; }
  [[nodiscard]] bool in_file() const noexcept { return static_cast<bool>(file_); }
  /// What was pushed before is on the disk. False: not, or in memory.
  bool sync() noexcept;
  /// Its file goes. For a spool aside that is empty.
  void remove() noexcept;
  /// Whether the file that was opened still has its name.
  [[nodiscard]] bool in_place() const noexcept;
  /// A file without a ring in it was put aside when this was opened.
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
