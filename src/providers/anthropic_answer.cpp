// Answers for clients of the same API: their bytes are passed on as they came.
#include "anthropic/answer_reader.hpp"
#include "blocks/answer_event.hpp"
#include "http1/sse_reader.hpp"
#include "providers/anthropic.hpp"

#include <algorithm>

namespace triage::anthropic {
namespace {

class PassedStream final : public AnswerDecoder {
 public:
  explicit PassedStream(std::size_t event_bytes_max) : sse_(event_bytes_max) {}

  void feed(std::string_view bytes) override { sse_.feed(bytes); }
  void end() override { sse_.end(); }
  [[nodiscard]] bool ended() const noexcept override { return events_.ended(); }

  Result<const AnswerEvent*> next() override {
    while (!events_.ended()) {
      const auto event = sse_.next();
      if (!event) return event.error();
      if (!*event) return nullptr;
      if ((*event)->data.find_first_not_of(" \t\r\n") == std::string_view::npos) continue;
      said_.clear();
      if (auto error = events_.read((*event)->data, said_)) return *std::move(error);
      event_.clear();
      event_.verbatim = (*event)->raw;
      event_.json = (*event)->data;
      event_.ends = events_.ended();
      for (const BlockEvent& said : said_) add_to_event(said, event_);
      if (!said_.empty()) event_.blocks = {event_.blocks, &said_};  // not owned
      return &event_;
    }
    return nullptr;
  }

 private:
  SseReader sse_;
  AnswerEvents events_;
  std::vector<BlockEvent> said_;
  AnswerEvent event_;
};

}  // namespace

std::unique_ptr<AnswerDecoder> make_decoder(std::size_t event_bytes_max) {
  return std::make_unique<PassedStream>(event_bytes_max);
}

std::optional<Error> decode_whole(std::string_view body, AnswerEvent& out) {
  BlockAnswer answer;
  out.verbatim = out.json = body;
  if (auto error = read_whole(body, answer)) return error;
  for (const BlockEvent& event : answer.events) add_to_event(event, out);
  out.owned = std::move(answer.owned);
  out.blocks = std::make_shared<const std::vector<BlockEvent>>(std::move(answer.events));
  return std::nullopt;
}

}  // namespace triage::anthropic
