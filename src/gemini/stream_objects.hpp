#pragma once
// The response objects of a stream, in whichever of its two framings.

#include "http1/sse_reader.hpp"
#include "json/array_reader.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

namespace triage::gemini {

class StreamObjects {
 public:
  explicit StreamObjects(std::size_t event_bytes_max) : events_(event_bytes_max), array_(event_bytes_max) {}

  /// Views are valid until the next call.
  struct Object {
    std::string_view json;  ///< followed by body_padding readable bytes; empty: there is only what ends the array
    std::string_view raw;   ///< what to forward
  };

  /// `bytes` as SseReader::feed() takes them.
  void feed(std::string_view bytes);
  void end() noexcept;
  /// Whether the body has.
  [[nodiscard]] bool ended() const noexcept { return ended_; }
  [[nodiscard]] bool is_array() const noexcept { return framing_ == Framing::array; }
  /// Returns the next object, or nullopt: feed more. Errors: as those of the readers.
  Result<std::optional<Object>> next();

 private:
  enum class Framing : std::uint8_t { unknown, events, array };
  Framing framing_ = Framing::unknown;
  bool ended_ = false;
  SseReader events_;
  JsonArrayReader array_;
};

}  // namespace triage::gemini
