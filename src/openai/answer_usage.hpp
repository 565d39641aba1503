#pragma once
// Reads the usage that an answer of any API reports, while the answer is passed on:
//
//   {..., "usage": {...}}                                                  a whole answer
//   data: {"type":"response.completed","response":{..., "usage": {...}}}   an event; the largest counts of all are
//   taken data: {"type":"message_start","message":{..., "usage": {...}}}
//
// A compressed answer is decoded for this, as far as that is possible; what is passed on stays as it came.

#include "base/buffer.hpp"
#include "http1/content_decoder.hpp"
#include "http1/sse_reader.hpp"
#include "triage/usage.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace triage {

class AnswerUsage {
 public:
  enum class Form : unsigned char { none, json, events };

  /// `none` if the answer is neither JSON nor a stream of events, or in a coding that cannot be decoded.
  static Form form_of(std::string_view content_type, ContentCoding coding) noexcept;

  /// A JSON answer, or an event, larger than `bytes_max` once it is decoded is not read.
  AnswerUsage(Form form, std::size_t bytes_max, ContentCoding coding = ContentCoding::identity);

  /// Takes the next bytes of the body, which must be followed by body_padding readable bytes.
  void feed(std::string_view bytes);
  /// To be called at the end of the body.
  void end();

  /// After end(). nullopt: none was reported. Web searches and other billed tools that the provider ran are in it.
  [[nodiscard]] const std::optional<UsageReport>& reported() const noexcept { return reported_; }
  /// After end(). The service tier that the answer names; empty: none.
  [[nodiscard]] const std::string& service_tier() const noexcept { return service_tier_; }
  /// Whether it was too large to be read.
  [[nodiscard]] bool too_large() const noexcept { return too_large_; }

 private:
  void take(std::string_view bytes);
  void read(std::string_view json);
  void read_events();

  Form form_;
  const std::size_t bytes_max_;
  Buffer json_;
  SseReader events_;
  std::optional<ContentDecoder> decoder_;
  std::optional<UsageReport> reported_;
  std::string service_tier_;
  bool too_large_ = false;
};

}  // namespace triage
