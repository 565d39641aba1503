// Answers for clients of the same API: their bytes are passed on as they came.
#include "blocks/answer_event.hpp"
#include "http1/sse_reader.hpp"
#include "json/json.hpp"
#include "openai/error_body.hpp"
#include "providers/responses.hpp"
#include "responses/answer_reader.hpp"
#include "responses/answer_writer.hpp"
#include "responses/echo.hpp"
#include "triage/body_padding.hpp"

#include <ctime>

namespace triage::responses {
namespace {

class PassedStream final : public AnswerDecoder {
 public:
  PassedStream(const ApiRequest& request, std::size_t event_bytes_max)
      : original_(request.original), sse_(event_bytes_max) {}

  void feed(std::string_view bytes) override { sse_.feed(bytes); }
  void end() override { sse_.end(); }
  [[nodiscard]] bool ended() const noexcept override { return events_.ended(); }

  Result<const AnswerEvent*> next() override {
    while (!events_.ended()) {
      const auto event = sse_.next();
      if (!event) return event.error();
      if (!*event) return nullptr;
      const std::size_t first = (*event)->data.find_first_not_of(" \t\r\n");
      if (first == std::string_view::npos || (*event)->data[first] != '{') continue;
      said_.clear();
      if (auto error = events_.read((*event)->data, said_)) return *std::move(error);
      ++passed_;
      event_.clear();
      event_.verbatim = (*event)->raw;
      event_.json = (*event)->data;
      event_.ends = events_.ended();
      event_.cites = events_.cites();
      for (const BlockEvent& said : said_) add_to_event(said, event_);
      note_identity();
      return &event_;
    }
    return nullptr;
  }

  std::string failure(std::string_view error_body) override {
    std::string out;
    if (id_.empty() || original_ == nullptr) return out;
    std::string text(error_body);
    text.append(body_padding, '\0');
    ResponseWriter writer({std::time(nullptr), echo_of(original_->body), {}});
    writer.resume(id_, model_, passed_);
    writer.fail(500, reported_message(std::string_view(text).substr(0, error_body.size())), out);
    return out;
  }

 private:
  void note_identity() {
    if (!id_.empty() || said_.empty()) return;
    id_ = said_.front().id.raw;
    model_ = said_.front().name.raw;
  }

  std::shared_ptr<const OriginalRequest> original_;
  SseReader sse_;
  AnswerEvents events_;
  std::vector<BlockEvent> said_;
  AnswerEvent event_;
  std::string id_;
  std::string model_;
  std::int64_t passed_ = 0;
};

}  // namespace

std::unique_ptr<AnswerDecoder> make_decoder(const ApiRequest& request, std::size_t event_bytes_max) {
  return std::make_unique<PassedStream>(request, event_bytes_max);
}

std::optional<Error> decode_whole(std::string_view body, AnswerEvent& out) {
  BlockAnswer answer;
  out.verbatim = out.json = body;
  if (auto error = read_passed(body, answer, out.cites)) return error;
  for (const BlockEvent& event : answer.events) add_to_event(event, out);
  out.owned = std::move(answer.owned);
  return std::nullopt;
}

}  // namespace triage::responses
