// A frame whose :message-type is event has its kind in :event-type; an exception has its name in :exception-type and
// {"message":...} as its payload; an error has :error-code and :error-message.
#include "bedrock/answer_reader.hpp"
#include "bedrock/event_stream.hpp"
#include "json/json.hpp"
#include "openai/error_body.hpp"
#include "triage/message.hpp"

#include <array>

namespace triage::bedrock {
namespace {

struct Exception {
  std::string_view name;
  int status;
};
// The service model of bedrock-runtime, without "Exception".
constexpr std::array<Exception, 10> exceptions{{{"validation", 400},
                                                {"accessDenied", 403},
                                                {"resourceNotFound", 404},
                                                {"modelTimeout", 408},
                                                {"modelError", 424},
                                                {"modelStreamError", 424},
                                                {"throttling", 429},
                                                {"modelNotReady", 429},
                                                {"internalServer", 500},
                                                {"serviceUnavailable", 503}}};

constexpr std::size_t message_bytes_max = 1024;

class StreamReader final : public BlockReader {
 public:
  explicit StreamReader(std::size_t event_bytes_max) : stream_(event_bytes_max) {}

  void feed(std::string_view bytes) override { stream_.feed(bytes); }
  void end() override {}
  [[nodiscard]] bool ended() const noexcept override { return events_.ended() && at_ == queue_.size(); }

  Result<const BlockEvent*> next() override {
    for (;;) {
      if (at_ < queue_.size()) return &queue_[at_++];
      if (events_.ended()) return nullptr;
      queue_.clear();
      at_ = 0;
      const auto frame = stream_.next();
      if (!frame) return frame.error();
      if (*frame == nullptr) return nullptr;
      if (auto error = read(**frame)) return *std::move(error);
    }
  }

 private:
  std::optional<Error> read(const EventStream::Frame& frame) {
    const std::string_view type = frame.text(":message-type");
    if (type == "exception") return reported(frame.text(":exception-type"), reported_message(frame.payload));
    if (type == "error") return reported(frame.text(":error-code"), frame.text(":error-message"));
    return events_.read(frame.text(":event-type"), frame.payload, queue_);
  }

  static Error reported(std::string_view name, std::string_view message) {
    Error error{ErrorCode::upstream_error, "the provider reports an error in its stream"};
    if (!name.empty()) error.message += " (" + valid_utf8(name.substr(0, message_bytes_max)) + ")";
    if (!message.empty()) error.message += ": " + valid_utf8(message.substr(0, message_bytes_max));
    error.status = status_of(name);
    return error;
  }

  EventStream stream_;
  AnswerEvents events_;
  std::vector<BlockEvent> queue_;
  std::size_t at_ = 0;
};

}  // namespace

int status_of(std::string_view exception) noexcept {
  constexpr std::string_view suffix = "Exception";
  if (exception.ends_with(suffix)) exception.remove_suffix(suffix.size());
  for (const Exception& each : exceptions)
    if (iequals(each.name, exception)) return each.status;
  return 0;
}

std::unique_ptr<BlockReader> make_block_reader(std::size_t event_bytes_max) {
  return std::make_unique<StreamReader>(event_bytes_max);
}

}  // namespace triage::bedrock
