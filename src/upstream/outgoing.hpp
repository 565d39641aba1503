#pragma once
// The bytes of a request still to be sent: views of memory owned elsewhere, in order.

#include <sys/uio.h>

#include <cstddef>
#include <string_view>
#include <vector>

namespace triage::upstream {

class Outgoing {
 public:
  void clear() noexcept {
    pieces_.clear();
    first_ = 0;
  }
  void add(std::string_view piece) {
    if (!piece.empty()) pieces_.push_back({const_cast<char*>(piece.data()), piece.size()});
  }
  [[nodiscard]] bool empty() const noexcept { return first_ == pieces_.size(); }

  [[nodiscard]] const iovec* begin() const noexcept { return pieces_.data() + first_; }
  [[nodiscard]] std::size_t count() const noexcept { return pieces_.size() - first_; }

  /// Drops `bytes`, which were sent, from the front.
  void sent(std::size_t bytes) noexcept {
    while (first_ < pieces_.size() && bytes >= pieces_[first_].iov_len) bytes -= pieces_[first_++].iov_len;
    if (bytes == 0) return;
    pieces_[first_].iov_base = static_cast<char*>(pieces_[first_].iov_base) + bytes;
    pieces_[first_].iov_len -= bytes;
  }

 private:
  std::vector<iovec> pieces_;
  std::size_t first_ = 0;
};

}  // namespace triage::upstream
