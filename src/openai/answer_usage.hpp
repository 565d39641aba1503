#pragma once
// Reads the usage that an answer of any API reports, while the answer is passed on:
//
//   {..., "usage": {...}}                                                  a whole answer
//   data: {"type":"response.completed","response":{..., "usage": {...}}}   the last event of a stream that has one

#include "base/buffer.hpp"
#include "http1/sse_reader.hpp"
#include "triage/json_string.hpp"
#include "triage/usage.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace triage {

class JsonReader;

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
  [[nodiscard]] const std::optional<UsageReport>& usage() const noexcept { return said_.usage; }
  /// Named by the answer; empty: none, or the usual one.
  [[nodiscard]] const std::string& service_tier() const noexcept { return said_.service_tier; }
  /// Searches of the web among the response's items.
  [[nodiscard]] std::int64_t searches() const noexcept { return said_.searches; }
  /// Other items that the provider bills and that have no price here: runs of its own tools.
  [[nodiscard]] std::int64_t billed_tools() const noexcept { return said_.billed_tools; }
  /// Whether it was too large to be read.
  [[nodiscard]] bool too_large() const noexcept { return too_large_; }

 private:
  struct Said {
    std::optional<UsageReport> usage;
    std::string service_tier;
    std::int64_t searches = 0;
    std::int64_t billed_tools = 0;
  };

  static void read_items(JsonReader& in, Said& out);
  static void read_member(JsonReader& in, const JsonString& name, Said& out);
  void read(std::string_view json);
  void read_events();

  Form form_;
  const std::size_t bytes_max_;
  Buffer json_;
  SseReader events_;
  Said said_;
  bool too_large_ = false;
};

}  // namespace triage
