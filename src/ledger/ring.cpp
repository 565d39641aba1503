#include "ledger/ring.hpp"

#include "base/crc32c.hpp"

#include <algorithm>
#include <cstring>

namespace triage::ledger {
namespace {

constexpr char magic[8] = {'t', 'r', 'i', 'a', 'g', 'e', 's', 'p'};
constexpr std::uint64_t version = 1;
constexpr std::uint64_t alignment = 16;

struct BlockHeader {
  char magic[8];
  std::uint64_t version;
  std::uint64_t capacity;
  std::uint64_t epoch;
  std::uint64_t tail;
  std::uint64_t consumed;
  std::uint64_t moving_seq;
  std::uint64_t moving_behind;  // the frame's position + 1
};

BlockHeader& header_of(char* block) noexcept {
  return *reinterpret_cast<BlockHeader*>(block);
}

constexpr std::uint64_t aligned(std::uint64_t size) noexcept {
  return (size + alignment - 1) / alignment * alignment;
}

}  // namespace

struct Ring::FrameHeader {
  std::uint32_t length;
  std::uint32_t check;
  std::uint64_t seq;
};

void Ring::format(char* block, std::size_t size, std::uint64_t epoch, std::uint64_t consumed) noexcept {
  BlockHeader header{{}, version, size - header_bytes, epoch, 0, consumed, 0, 0};
  std::memcpy(header.magic, magic, sizeof magic);
  std::memcpy(block, &header, sizeof header);
}

bool Ring::valid(const char* block, std::size_t size) noexcept {
  if (size <= header_bytes) return false;
  BlockHeader header;
  std::memcpy(&header, block, sizeof header);
  return std::memcmp(header.magic, magic, sizeof magic) == 0 && header.version == version &&
         header.capacity == size - header_bytes && header.capacity % alignment == 0 && header.tail % alignment == 0;
}

Ring::Ring(char* block, std::size_t size) noexcept
    : block_(block),
      frames_(block + header_bytes),
      capacity_(size - header_bytes),
      epoch_(header_of(block).epoch),
      last_seq_(header_of(block).consumed),
      head_(header_of(block).tail) {
  std::uint64_t position = tail();
  std::uint64_t before = 0;
  while (true) {
    const FrameHeader header = header_at(position);
    if (header.length > longest() || header.seq <= before) break;
    const Frame found = body_at(position, header);
    if (found.end > tail() + capacity_) break;
    if (header.check != check_of(found.first, found.second, header.seq, header.length)) break;
    before = header.seq;
    position = found.end;
  }
  last_seq_ = std::max(last_seq_, before);
  // If a lap ended exactly at the block's end, the lap before it follows, whose frames are done.
  if (before <= consumed()) position = tail();
  head_.store(position, std::memory_order_release);
}

bool Ring::push(std::string_view bytes, std::uint64_t seq) noexcept {
  const std::uint64_t begin = head_.load(std::memory_order_relaxed);
  const std::uint64_t end = begin + aligned(sizeof(FrameHeader) + bytes.size());
  if (bytes.size() > longest() || end - tail() > capacity_) return false;
  const auto length = static_cast<std::uint32_t>(bytes.size());
  const FrameHeader header{length, check_of(bytes, {}, seq, length), seq};
  copy_in(begin + sizeof header, bytes.data(), bytes.size());
  copy_in(begin, reinterpret_cast<const char*>(&header), sizeof header);
  last_seq_ = seq;
  head_.store(end, std::memory_order_release);
  return true;
}

std::optional<Ring::Frame> Ring::frame(std::uint64_t position) const noexcept {
  if (position >= head()) return std::nullopt;
  return body_at(position, header_at(position));
}

void Ring::release(std::uint64_t position, std::uint64_t seq) noexcept {
  // Between the two stores, the frames before `position` are still there, but their numbers show that they are done.
  std::atomic_ref(header_of(block_).consumed).store(std::max(seq, consumed()), std::memory_order_release);
  std::atomic_ref(header_of(block_).tail).store(position, std::memory_order_release);
}

// The position is stored last: together with the old one, an interrupted store means nothing.
void Ring::begin_move(std::uint64_t seq) noexcept {
  std::atomic_ref(header_of(block_).moving_seq).store(seq, std::memory_order_release);
  std::atomic_ref(header_of(block_).moving_behind).store(tail() + 1, std::memory_order_release);
}

void Ring::forget_move() noexcept {
  std::atomic_ref(header_of(block_).moving_behind).store(0, std::memory_order_release);
}

std::uint64_t Ring::moving() const noexcept {
  const BlockHeader& header = header_of(block_);
  return header.moving_behind == tail() + 1 ? header.moving_seq : 0;
}

std::uint64_t Ring::tail() const noexcept {
  return std::atomic_ref(header_of(block_).tail).load(std::memory_order_acquire);
}

std::uint64_t Ring::consumed() const noexcept {
  return std::atomic_ref(header_of(block_).consumed).load(std::memory_order_acquire);
}

Ring::FrameHeader Ring::header_at(std::uint64_t position) const noexcept {
  FrameHeader header;
  std::memcpy(&header, frames_ + position % capacity_, sizeof header);
  return header;
}

Ring::Frame Ring::body_at(std::uint64_t position, const FrameHeader& header) const noexcept {
  const std::uint64_t begin = (position + sizeof header) % capacity_;
  const std::size_t first = std::min<std::size_t>(header.length, capacity_ - begin);
  return {header.seq,
          {frames_ + begin, first},
          {frames_, header.length - first},
          position + aligned(sizeof header + header.length)};
}

std::uint32_t Ring::check_of(std::string_view first, std::string_view second, std::uint64_t seq,
                             std::uint32_t length) const noexcept {
  const std::uint64_t covered[3] = {epoch_, seq, length};
  return crc32c({reinterpret_cast<const char*>(covered), sizeof covered}, crc32c(second, crc32c(first)));
}

void Ring::copy_in(std::uint64_t position, const char* from, std::size_t size) noexcept {
  const std::uint64_t begin = position % capacity_;
  const std::size_t first = std::min<std::size_t>(size, capacity_ - begin);
  std::memcpy(frames_ + begin, from, first);
  std::memcpy(frames_, from + first, size - first);
}

}  // namespace triage::ledger
