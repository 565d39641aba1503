#pragma once
// Bytes read from a socket: one block, reserved once, never zeroed (untouched pages cost nothing), consumed from the
// front. body_padding readable bytes always follow the end of the block.

#include "triage/body_padding.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <string_view>

namespace triage {

class Buffer {
 public:
  explicit Buffer(std::size_t capacity = 0) { reserve(capacity); }

  [[nodiscard]] const char* data() const noexcept { return block_.get() + begin_; }
  [[nodiscard]] std::size_t size() const noexcept { return end_ - begin_; }
  [[nodiscard]] bool empty() const noexcept { return begin_ == end_; }
  [[nodiscard]] std::string_view view() const noexcept { return {data(), size()}; }
  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }

  /// Free space behind the data: write here, then commit().
  [[nodiscard]] char* tail() noexcept { return block_.get() + end_; }
  [[nodiscard]] std::size_t room() const noexcept { return capacity_ - end_; }
  void commit(std::size_t count) noexcept { end_ += count; }

  /// Drops bytes from the front. An empty buffer starts over at its block's beginning.
  void consume(std::size_t count) noexcept {
    begin_ += count;
    if (begin_ == end_) begin_ = end_ = 0;
  }
  void clear() noexcept { begin_ = end_ = 0; }
  /// Drops bytes from the back, keeping the first `count`.
  void truncate(std::size_t count) noexcept { end_ = begin_ + count; }

  /// Moves the data to the front of the block. Invalidates views.
  void compact() noexcept {
    if (begin_ == 0) return;
    std::memmove(block_.get(), data(), size());
    end_ -= begin_;
    begin_ = 0;
  }

  /// Makes the block hold at least `capacity` bytes, moving only the data. Invalidates views if it has to grow.
  void reserve(std::size_t capacity) {
    if (capacity <= capacity_) return;
    Block grown(static_cast<char*>(std::malloc(capacity + body_padding)));
    if (!grown) throw std::bad_alloc();
    if (!empty()) std::memcpy(grown.get(), data(), size());
    end_ = size();
    begin_ = 0;
    block_ = std::move(grown);
    capacity_ = capacity;
  }

  /// Makes room() at least `count`. Invalidates views.
  void make_room(std::size_t count) {
    if (room() >= count) return;
    compact();
    if (room() < count) reserve(std::max(size() + count, 2 * capacity_));
  }

  void append(std::string_view bytes) {
    if (bytes.empty()) return;
    make_room(bytes.size());
    std::memcpy(tail(), bytes.data(), bytes.size());
    commit(bytes.size());
  }

 private:
  struct Free {
    void operator()(char* block) const noexcept { std::free(block); }
  };
  using Block = std::unique_ptr<char, Free>;

  Block block_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace triage
