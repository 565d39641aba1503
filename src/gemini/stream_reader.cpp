#include "gemini/answer_reader.hpp"
#include "gemini/stream_objects.hpp"

namespace triage::gemini {
namespace {

class StreamReader final : public BlockReader {
 public:
  explicit StreamReader(std::size_t event_bytes_max) : objects_(event_bytes_max) {}

  void feed(std::string_view bytes) override { objects_.feed(bytes); }
  void end() override { objects_.end(); }
  [[nodiscard]] bool ended() const noexcept override { return told_ && at_ == queue_.size(); }

  Result<const BlockEvent*> next() override {
    for (;;) {
      if (at_ < queue_.size()) return &queue_[at_++];
      queue_.clear();
      at_ = 0;
      const auto object = objects_.next();
      if (!object) return object.error();
      if (!*object && objects_.ended() && events_.finished() && !std::exchange(told_, true)) {
        events_.end(queue_);
        continue;
      }
      if (!*object) return nullptr;
      if ((*object)->json.empty()) continue;
      if (auto error = events_.read((*object)->json, queue_)) return *std::move(error);
    }
  }

 private:
  StreamObjects objects_;
  AnswerEvents events_;
  std::vector<BlockEvent> queue_;
  std::size_t at_ = 0;
  bool told_ = false;  // the end was
};

}  // namespace

std::unique_ptr<BlockReader> make_block_reader(std::size_t event_bytes_max) {
  return std::make_unique<StreamReader>(event_bytes_max);
}

}  // namespace triage::gemini
