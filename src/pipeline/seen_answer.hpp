#pragma once
// What the client gets, read on its way for the record: for the signals of quality, and for the texts that a route
// keeps.

#include "http1/sse_reader.hpp"
#include "triage/completion.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace triage {

/// Of one answer. The bytes that it is given need to live only for the call.
class SeenAnswer {
 public:
  /// `text_most`: of the text that is read of a stream. `event_most`: of one event.
  SeenAnswer(std::size_t text_most, std::size_t event_most) : text_most_(text_most), event_most_(event_most) {}

  void whole(std::string_view body);
  /// Whole events.
  void events(std::string_view events);

  /// So far.
  [[nodiscard]] const Completion& completion() const noexcept { return answer_; }

 private:
  std::size_t text_most_;
  std::size_t event_most_;
  Completion answer_;
  std::optional<SseReader> reader_;
};

}  // namespace triage
