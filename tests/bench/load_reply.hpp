#pragma once
// Reads replies off one connection, just strictly enough to know that each is whole.

#include "net.hpp"

#include <optional>

namespace bench {

/// Feeds on bytes as they arrive; framing by Content-Length or chunks.
class ReplyReader {
 public:
  enum class State : std::uint8_t { head, length, chunk_size, chunk, chunk_end, last_line, done, broken };

  void begin() {
    state_ = State::head;
    line_.clear();
    status_ = 0;
  }

  [[nodiscard]] bool done() const noexcept { return state_ == State::done; }
  [[nodiscard]] bool broken() const noexcept { return state_ == State::broken; }
  [[nodiscard]] int status() const noexcept { return status_; }

  /// Calls `on_body(piece)` for each piece of the body.
  template <class OnBody>
  void feed(std::string_view bytes, OnBody&& on_body) {
    while (!bytes.empty() && state_ != State::done && state_ != State::broken) {
      if (state_ == State::head) {
        read_head(bytes);
      } else if (state_ == State::length || state_ == State::chunk) {
        const auto piece = bytes.substr(0, left_);
        on_body(piece);
        bytes.remove_prefix(piece.size());
        left_ -= piece.size();
        if (left_ == 0) state_ = state_ == State::length ? State::done : State::chunk_end;
      } else {
        read_line(bytes);
      }
    }
  }

 private:
  void read_head(std::string_view& bytes) {
    const std::size_t before = line_.size();
    line_.append(bytes);
    const auto end = line_.find("\r\n\r\n", before < 3 ? 0 : before - 3);
    if (end == std::string::npos) return bytes.remove_prefix(bytes.size());
    bytes.remove_prefix(end + 4 - before);
    line_.resize(end + 2);
    status_ = static_cast<int>(number_after(line_, "HTTP/1.1 ", 0));
    const std::string_view length = header(line_, "content-length");
    if (!length.empty()) {
      left_ = 0;
      std::from_chars(length.data(), length.data() + length.size(), left_);
      state_ = left_ == 0 ? State::done : State::length;
    } else {
      state_ = header(line_, "transfer-encoding") == "chunked" ? State::chunk_size : State::broken;
    }
    line_.clear();
  }

  void read_line(std::string_view& bytes) {
    const auto end = bytes.find('\n');
    line_.append(bytes.substr(0, end));
    if (end == std::string_view::npos) return bytes.remove_prefix(bytes.size());
    bytes.remove_prefix(end + 1);
    if (state_ == State::chunk_size) {
      left_ = strtoull(line_.c_str(), nullptr, 16);
      state_ = left_ == 0 ? State::last_line : State::chunk;
    } else {
      state_ = state_ == State::chunk_end ? State::chunk_size : State::done;
    }
    line_.clear();
  }

  State state_ = State::head;
  std::string line_;
  std::size_t left_ = 0;
  int status_ = 0;
};

/// Finds the time stamps of bench_upstream in an event stream that arrives in any pieces.
class StampReader {
 public:
  void begin() {
    carry_.clear();
    finished_ = false;
  }

  [[nodiscard]] bool finished() const noexcept { return finished_; }  ///< `[DONE]` was seen

  /// Calls `on_stamp(ns)` for each whole event that has one.
  template <class OnStamp>
  void feed(std::string_view piece, OnStamp&& on_stamp) {
    carry_.append(piece);
    std::size_t begin = 0;
    for (auto end = carry_.find("\n\n"); end != std::string::npos; end = carry_.find("\n\n", begin)) {
      const std::string_view event = std::string_view(carry_).substr(begin, end - begin);
      if (const auto stamp = number_after(event, "sent_ns=", -1); stamp >= 0) on_stamp(stamp);
      if (event.find("data: [DONE]") != std::string_view::npos) finished_ = true;
      begin = end + 2;
    }
    carry_.erase(0, begin);
  }

 private:
  std::string carry_;
  bool finished_ = false;
};

}  // namespace bench
