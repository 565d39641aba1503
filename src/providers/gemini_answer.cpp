// Answers for clients of the same API: their bytes are passed on as they came.
#include "blocks/answer_event.hpp"
#include "gemini/answer_reader.hpp"
#include "gemini/stream_objects.hpp"
#include "providers/gemini.hpp"

namespace triage::gemini {
namespace {

class PassedStream final : public AnswerDecoder {
 public:
  explicit PassedStream(std::size_t event_bytes_max) : objects_(event_bytes_max) {}

  void feed(std::string_view bytes) override { objects_.feed(bytes); }
  void end() override { objects_.end(); }
  [[nodiscard]] bool ended() const noexcept override { return told_; }

  std::string failure(std::string_view error_body) override {
    if (!objects_.is_array()) return {};
    return (passed_ ? ",\r\n" : "[") + std::string(error_body) + "]";
  }

  Result<const AnswerEvent*> next() override {
    const auto object = objects_.next();
    if (!object) return object.error();
    if (!*object) return last();
    said_.clear();
    event_.clear();
    event_.verbatim = (*object)->raw;
    event_.json = (*object)->json;
    if (!event_.json.empty())
      if (auto error = events_.read(event_.json, said_)) return *std::move(error);
    for (const BlockEvent& said : said_) add_to_event(said, event_);
    passed_ = true;
    return &event_;
  }

 private:
  // What waited for the end, of which the client has the bytes.
  const AnswerEvent* last() {
    if (told_ || !objects_.ended() || !events_.finished()) return nullptr;
    told_ = true;
    said_.clear();
    event_.clear();
    events_.end(said_);
    for (const BlockEvent& said : said_) add_to_event(said, event_);
    return said_.empty() ? nullptr : &event_;
  }

  StreamObjects objects_;
  AnswerEvents events_;
  std::vector<BlockEvent> said_;
  AnswerEvent event_;
  bool passed_ = false;  // an object has been
  bool told_ = false;    // the end was
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
  return std::nullopt;
}

}  // namespace triage::gemini
