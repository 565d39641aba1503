#pragma once
// What an answer says that it has used, read beside passing it on, whatever API it is of:
//
//   {..., "usage": {...}}                                        a whole answer
//   data: {"type":"response.completed","response":{..., "usage": {...}}}   the last events of a stream that have any

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

  /// None by its media type: neither JSON nor a stream of events, or compressed.
  static Form form_of(std::string_view content_type, bool encoded) noexcept;

  /// More than `bytes_max` of JSON, or in one event, is not read.
  AnswerUsage(Form form, std::size_t bytes_max);

  /// The next bytes of the body, body_padding readable bytes behind.
  void feed(std::string_view bytes);
  /// The body has ended.
  void end();

  /// After end(). nullopt: it does not say.
  [[nodiscard]] const std::optional<Usage>& usage() const noexcept { return usage_; }
  /// Its tokens at their usual rates are all that it costs: no tool of the provider's ran, no other class of service.
  [[nodiscard]] bool tokens_are_all() const noexcept { return tokens_are_all_; }
  /// It was more than could be read.
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
