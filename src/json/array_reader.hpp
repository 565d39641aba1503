#pragma once
// Reads the objects of one JSON array from bytes that arrive in any pieces: how Gemini streams unless it is asked for
// server-sent events. No I/O. Linear in the bytes fed, however they are split.

#include "triage/error.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace triage {

class JsonArrayReader {
 public:
  /// `element_bytes_max` bounds an element's `raw`.
  explicit JsonArrayReader(std::size_t element_bytes_max) : element_bytes_max_(element_bytes_max) {}

  /// Views are valid until the next call of feed() or next().
  struct Element {
    std::string_view json;  ///< an object, balanced but not checked, followed by body_padding readable bytes; empty:
                            ///< there is only the array's end
    std::string_view raw;   ///< what to forward: with the bytes in front of it
  };

  void feed(std::string_view bytes);

  /// Returns the next complete element, or nullopt: feed more. Errors: upstream_bad_response (it is no array of
  /// objects), upstream_too_large; the reader must not be used afterwards.
  Result<std::optional<Element>> next();

  /// Whether the array's end has been returned.
  [[nodiscard]] bool ended() const noexcept { return ended_; }

 private:
  enum class Step : std::uint8_t { more, element, end, broken };
  Step step(char c) noexcept;
  [[nodiscard]] std::string_view taken(std::size_t from) const noexcept;

  std::size_t element_bytes_max_;
  std::string bytes_;       // with padding behind them
  std::size_t size_ = 0;    // of bytes_, without the padding
  std::size_t begin_ = 0;   // of what has not been returned
  std::size_t at_ = 0;      // what has been looked at
  std::size_t object_ = 0;  // where the element's object begins
  std::size_t depth_ = 0;   // of brackets inside the array
  bool inside_ = false;     // the array has begun
  bool in_string_ = false;
  bool escaped_ = false;
  bool ended_ = false;
};

}  // namespace triage
