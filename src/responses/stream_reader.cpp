#include "http1/sse_reader.hpp"
#include "responses/answer_reader.hpp"

namespace triage::responses {
namespace {

class StreamReader final : public BlockReader {
 public:
  explicit StreamReader(std::size_t event_bytes_max) : sse_(event_bytes_max) {}

  void feed(std::string_view bytes) override { sse_.feed(bytes); }
  void end() override { sse_.end(); }
  [[nodiscard]] bool ended() const noexcept override { return events_.ended() && at_ == queue_.size(); }

  Result<const BlockEvent*> next() override {
    for (;;) {
      if (at_ < queue_.size()) return &queue_[at_++];
      if (events_.ended()) return nullptr;
      queue_.clear();
      at_ = 0;
      const auto event = sse_.next();
      if (!event) return event.error();
      if (!*event) return nullptr;
      const std::size_t first = (*event)->data.find_first_not_of(" \t\r\n");
      if (first == std::string_view::npos || (*event)->data[first] != '{') continue;  // [DONE] of some servers
      if (auto error = events_.read((*event)->data, queue_)) return *std::move(error);
    }
  }

 private:
  SseReader sse_;
  AnswerEvents events_;
  std::vector<BlockEvent> queue_;
  std::size_t at_ = 0;
};

}  // namespace

std::unique_ptr<BlockReader> make_block_reader(std::size_t event_bytes_max) {
  return std::make_unique<StreamReader>(event_bytes_max);
}

}  // namespace triage::responses
