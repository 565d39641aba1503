#pragma once
// A ring of records in a block of memory: what keep() fills and the writer empties. The block may be a mapped file, so
// that what was pushed outlives the process; then all that is needed to find it again is in the block.
//
//   header (one page)   magic, version, capacity, epoch, tail, consumed, moving (number and position)
//   capacity bytes      frames, each at a multiple of 16: u32 length, u32 check, u64 sequence number, bytes; may wrap
//
// `tail` counts bytes ever released; a frame at position p stands at p modulo capacity. `check` is the CRC-32C of the
// bytes, then of epoch, sequence number and length: what an interrupted push left does not pass, nor what an earlier
// lap left, whose numbers are lower. One pusher at a time (the caller locks), one reader; the two need no lock.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace triage::ledger {

class Ring {
 public:
  static constexpr std::size_t header_bytes = 4096;

  /// Makes an empty ring of `block`, `size` bytes with the header: whole pages. `consumed` is the highest sequence
  /// number that was ever used; `epoch` differs from the one before.
  static void format(char* block, std::size_t size, std::uint64_t epoch, std::uint64_t consumed) noexcept;

  /// Whether `block` holds a ring of `size` bytes.
  static bool valid(const char* block, std::size_t size) noexcept;

  /// Takes up a valid block and finds the frames in it.
  Ring(char* block, std::size_t size) noexcept;

  /// False if there is no room, or never will be. `seq` is higher than any before.
  bool push(std::string_view bytes, std::uint64_t seq) noexcept;

  struct Frame {
    std::uint64_t seq = 0;
    std::string_view first;   ///< the bytes,
    std::string_view second;  ///< wrapped around
    std::uint64_t end = 0;    ///< the next frame's position
  };
  /// The frame at `position`, which is tail() or a frame's end. Nothing at head().
  [[nodiscard]] std::optional<Frame> frame(std::uint64_t position) const noexcept;

  /// Gives back everything before `position`. `seq` is the last frame's.
  void release(std::uint64_t position, std::uint64_t seq) noexcept;

  /// The frame at tail() is about to be pushed to another ring, as `seq`: so that it can be told afterwards, by whether
  /// that ring has it, whether it was. Until release() or forget_move().
  void begin_move(std::uint64_t seq) noexcept;
  void forget_move() noexcept;
  /// 0: none was begun.
  [[nodiscard]] std::uint64_t moving() const noexcept;

  [[nodiscard]] std::uint64_t tail() const noexcept;
  [[nodiscard]] std::uint64_t head() const noexcept { return head_.load(std::memory_order_acquire); }
  [[nodiscard]] std::uint64_t waiting_bytes() const noexcept { return head() - tail(); }
  [[nodiscard]] std::uint64_t capacity() const noexcept { return capacity_; }
  [[nodiscard]] std::uint64_t consumed() const noexcept;
  /// Of the last frame found or pushed; consumed() if there is none.
  [[nodiscard]] std::uint64_t last_seq() const noexcept { return last_seq_; }

  /// The longest record that a ring of this capacity takes: an eighth of it.
  [[nodiscard]] std::size_t longest() const noexcept { return capacity_ / 8; }

 private:
  struct FrameHeader;
  [[nodiscard]] FrameHeader header_at(std::uint64_t position) const noexcept;
  [[nodiscard]] Frame body_at(std::uint64_t position, const FrameHeader& header) const noexcept;
  [[nodiscard]] std::uint32_t check_of(std::string_view first, std::string_view second, std::uint64_t seq,
                                       std::uint32_t length) const noexcept;
  void copy_in(std::uint64_t position, const char* from, std::size_t size) noexcept;

  char* block_;
  char* frames_;
  std::uint64_t capacity_;
  std::uint64_t epoch_;
  std::uint64_t last_seq_;
  std::atomic<std::uint64_t> head_;
};

}  // namespace triage::ledger
