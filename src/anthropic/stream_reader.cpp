#include "anthropic/answer_reader.hpp"
#include "http1/sse_reader.hpp"

namespace triage::anthropic {
namespace {

class StreamReader final : public BlockReader {
 public:
  explicit StreamReader(std::size_t event_bytes_max) : sse_(event_bytes_max) {}

  void feed(std::string_view bytes) override { sse_.feed(bytes); }
  void end() override { body_ended_ = true; }
  [[nodiscard]] bool ended() const noexcept override { return events_.ended() && at_ == queue_.size(); }

  Result<const BlockEvent*> next() override {
    for (;;) {
      if (at_ < queue_.size()) return &queue_[at_++];
      if (events_.ended()) return nullptr;
      queue_.clear();
      at_ = 0;
      const auto event = next_sse();
      if (!event) return event.error();
      if (!*event) return nullptr;
      if ((*event)->data.find_first_not_of(" \t\r\n") == std::string_view::npos) continue;
      if (auto error = events_.read((*event)->data, queue_)) return *std::move(error);
    }
  }

 private:
  // The last event may lack its blank line.
  Result<std::optional<SseReader::Event>> next_sse() {
    auto event = sse_.next();
    if (!event || *event || !body_ended_ || finished_) return event;
    finished_ = true;
    return sse_.finish();
  }

  SseReader sse_;
  AnswerEvents events_;
  std::vector<BlockEvent> queue_;
  std::size_t at_ = 0;
  bool body_ended_ = false;
  bool finished_ = false;
};

}  // namespace

std::unique_ptr<BlockReader> make_block_reader(std::size_t event_bytes_max) {
  return std::make_unique<StreamReader>(event_bytes_max);
}

}  // namespace triage::anthropic
