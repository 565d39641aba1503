#pragma once
// Server-sent events, each with a JSON object, as block events.

#include "http1/sse_reader.hpp"
#include "triage/blocks.hpp"

#include <string_view>
#include <vector>

namespace triage::openai {

/// `Events` has read(json, out), which appends what an object says, and ended(). Data that is no object is not read:
/// some servers end with one of another dialect.
template <class Events>
class SseBlocks final : public BlockReader {
 public:
  explicit SseBlocks(std::size_t event_bytes_max) : sse_(event_bytes_max) {}

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
      if (first == std::string_view::npos || (*event)->data[first] != '{') continue;
      if (auto error = events_.read((*event)->data, queue_)) return *std::move(error);
    }
  }

 private:
  SseReader sse_;
  Events events_;
  std::vector<BlockEvent> queue_;
  std::size_t at_ = 0;
};

}  // namespace triage::openai
