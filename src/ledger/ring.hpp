#pragma once
// A ring of records in a block of memory, filled by keep() and emptied by the writer. The block may be a mapped file,
// so that what was pushed outlives the process; everything needed to find it again is in the block.
//
//   header (one page)   magic, version, capacity, epoch, tail, consumed, moving (number and position)
//   capacity bytes      frames, each at a multiple of 16: u32 length, u32 check, u64 sequence number, bytes; may wrap
//
// `tail` counts all bytes ever released; a frame at position p is at p modulo capacity. `check` is the CRC-32C of the
// bytes, then of epoch, sequence number and length: it rejects what an interrupted push left, and what is left from an
// earlier lap, whose numbers are lower. There may be one pusher at a time (the caller locks) and one reader; these two
// need no lock between them.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace triage::ledger {

class Ring {
 public:
  static constexpr std::size_t header_bytes = 4096;

  /// Makes an empty ring of `block`, `size` bytes including the header, in whole pages. `consumed` is the highest
  /// sequence number ever used; `epoch` must differ from the previous one.
  static void format(char* block, std::size_t size, std::uint64_t epoch, std::uint64_t consumed) noexcept;

  /// Whether `block` holds a ring of `size` bytes.
  static bool valid(const char* block, std::size_t size) noexcept;

  /// Opens a valid block and finds the frames in it.
  Ring(char* block, std::size_t size) noexcept;

  /// False: there is no room now, or never will be. `seq` must be higher than any before.
  bool push(std::string_view bytes, std::uint64_t seq) noexcept;

  struct Frame {
    std::uint64_t seq = 0;
    std::string_view first;   ///< the bytes,
    std::string_view second;  ///< wrapped around
    std::uint64_t end = 0;    ///< the next frame's position
  };
  /// The frame at `position`, which is tail() or a frame's end. Nothing at head().
  [[nodiscard]] std::optional<Frame> frame(std::uint64_t position) const noexcept;

  /// Releases everything before `position`. `seq` is the last released frame's.
  void release(std::uint64_t position, std::uint64_t seq) noexcept;

  /// Notes that the frame at tail() is about to be pushed to another ring as `seq`, so that one can tell afterwards, by
  /// looking into that ring, whether it was. Holds until release() or forget_move().
  void begin_move(std::uint64_t seq) noexcept;
  void forget_move() noexcept;
  /// The number noted by begin_move(); 0: none.
  [[nodiscard]] std::uint64_t moving() const noexcept;

  [[nodiscard]] std::uint64_t tail() const noexcept;
  [[nodiscard]] std::uint64_t head() const noexcept { return head_.load(std::memory_order_acquire); }
  [[nodiscard]] std::uint64_t waiting_bytes() const noexcept { return head() - tail(); }
  [[nodiscard]] std::uint64_t capacity() const noexcept { return capacity_; }
  [[nodiscard]] std::uint64_t consumed() const noexcept;
  /// The number of the last frame found or pushed; consumed() if there is none.
  [[nodiscard]] std::uint64_t last_seq() const noexcept { return last_seq_; }

  /// The size of the longest record that a ring of this capacity takes: an eighth of it.
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
