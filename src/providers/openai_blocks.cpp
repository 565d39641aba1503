// Answers for clients that speak another dialect.
#include "openai/answer_blocks.hpp"
#include "providers/openai.hpp"

namespace triage::openai {
namespace {

class Reader final : public BlockReader {
 public:
  explicit Reader(std::size_t event_bytes_max) : decoder_(make_decoder(event_bytes_max)) {}

  void feed(std::string_view bytes) override { decoder_->feed(bytes); }
  void end() override { decoder_->end(); }
  [[nodiscard]] bool ended() const noexcept override { return decoder_->ended() && at_ == queue_.size(); }

  Result<const BlockEvent*> next() override {
    for (;;) {
      if (at_ < queue_.size()) return &queue_[at_++];
      queue_.clear();
      at_ = 0;
      const auto event = decoder_->next();
      if (!event) return event.error();
      if (*event == nullptr) return nullptr;
      if (auto error = blocks_.add(**event, queue_)) return *std::move(error);
    }
  }

 private:
  std::unique_ptr<AnswerDecoder> decoder_;
  AnswerBlocks blocks_;
  std::vector<BlockEvent> queue_;
  std::size_t at_ = 0;
};

}  // namespace

std::unique_ptr<BlockReader> make_block_reader(std::size_t event_bytes_max) {
  return std::make_unique<Reader>(event_bytes_max);
}

std::optional<Error> read_whole(std::string_view content_type, std::string_view body, BlockAnswer& out) {
  AnswerEvent event;
  if (auto defect = decode_whole(content_type, body, event)) return defect;
  AnswerBlocks blocks;
  if (auto error = blocks.add(event, out.events)) return error;
  blocks.end(out.events);
  out.owned = blocks.take_owned();
  if (!event.mended.empty()) out.owned.push_front(std::move(event.mended));
  return std::nullopt;
}

}  // namespace triage::openai
