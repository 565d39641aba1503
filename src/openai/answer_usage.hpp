#pragma once
// Reads the usage that an answer of any API reports, while the answer is passed on:
//
//   {..., "usage": {...}}                                                  a whole answer
//   data: {"type":"response.completed","response":{..., "usage": {...}}}   the last event of a stream that has one

#include "base/buffer.hpp"
#include "http1/sse_reader.hpp"
#include "triage/request.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

namespace triage {

class AnswerUsage {
 public:
  enum class Form : unsigned char { none, json, events };

  /// `none` if the answer is neither JSON nor a stream of events, or is `encoded` (compressed).
  static Form form_of(std::string_view content_type, bool encoded) noexcept;

  /// A JSON answer, or an event, larger than `bytes_max` is not read.
  AnswerUsage(Form form, std::size_t bytes_max);

  /// Takes the next bytes of the body, which must be followed by body_padding readable bytes.
  void feed(std::string_view bytes);
  /// To be called at the end of the body.
  void end();

  /// After end(). nullopt: none was reported.
  [[nodiscard]] const std::optional<Usage>& usage() const noexcept { return usage_; }
  /// Whether the answer costs nothing but its tokens at the usual rates: the provider ran no billed tool, and served it
  /// in its usual class of service.
  [[nodiscard]] bool tokens_are_all() const noexcept { return tokens_are_all_; }
  /// Whether it was too large to be read.
  [[nodiscard]] bool too_large() const noexcept { return too_large_; }

 private:
  void read(std::string_view json);
  void read_events();

  Form form_;
  const std::size_t bytes_max_;
  Buffer json_;
  SseReader events_;
  std::optional<Usage> usage_;
  bool tokens_are_all_ = true;
  bool too_large_ = false;
};

}  // namespace triage
