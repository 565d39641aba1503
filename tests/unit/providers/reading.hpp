#pragma once
// Answers as the gateway reads them: a dialect's events, and the tally of them.

#include "answer/tally.hpp"
#include "providers/providers.hpp"
#include "support/padded.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace triage::test {

/// One streamed answer, event by event.
class StreamReading {
 public:
  explicit StreamReading(bool include_usage = false) : include_usage_(include_usage) {
    ApiRequest request;
    request.stream = true;
    request.include_usage = include_usage;
    decoder_ = find_dialect("openai")->decoder(request, 1 << 20);
  }

  /// Of one event's data: "forward", "drop", "done" or the error's code.
  std::string act(std::string_view data) {
    std::string bytes = "data: ";
    for (const char c : data) bytes += c == '\n' ? std::string("\ndata: ") : std::string(1, c);
    const Padded padded(bytes + "\n\n");
    decoder_->feed(padded.view());
    const auto event = decoder_->next();
    if (!event) {
      error_ = event.error();
      return std::string(traits(event.error().code).name);
    }
    if (*event == nullptr) return decoder_->ended() ? "done" : "drop";
    tally_.add(**event);
    const bool dropped = (*event)->only_usage && !include_usage_;
    while (true) {
      const auto more = decoder_->next();
      if (!more || *more == nullptr) break;
    }
    return dropped ? "drop" : "forward";
  }

  [[nodiscard]] bool complete() const { return !error_ && tally_.complete(); }
  [[nodiscard]] std::optional<Usage> usage() const { return tally_.usage(); }
  [[nodiscard]] std::optional<UsageReport> reported() const { return tally_.reported(); }
  [[nodiscard]] const std::string& service_tier() const { return tally_.service_tier(); }
  [[nodiscard]] std::int64_t output_estimate() const { return tally_.output_estimate(); }
  [[nodiscard]] const std::string& finish_reason() const { return tally_.finish_reason(); }
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }

 private:
  bool include_usage_;
  std::unique_ptr<AnswerDecoder> decoder_;
  AnswerTally tally_;
  std::optional<Error> error_;
};

/// A whole answer.
struct WholeReading {
  std::optional<Usage> usage;
  std::optional<UsageReport> reported;
  std::string service_tier;
  std::string finish_reason;
  std::int64_t output_estimate = 0;
  std::optional<Error> defect;
};

inline WholeReading read_whole_answer(std::string_view body, std::string_view content_type = "application/json") {
  const Padded padded(body);
  AnswerEvent event;
  WholeReading out;
  out.defect = find_dialect("openai")->decode_whole(content_type, padded.view(), event);
  AnswerTally tally;
  tally.add_whole(event);
  out.usage = tally.usage();
  out.reported = tally.reported();
  out.service_tier = tally.service_tier();
  out.finish_reason = tally.finish_reason();
  out.output_estimate = tally.output_estimate();
  return out;
}

}  // namespace triage::test
