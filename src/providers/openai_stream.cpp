// data: {"choices":[{"index":0,"delta":{"content":"He"},"finish_reason":null}]}
// data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}      choice 0 is finished
// data: {"choices":[],"usage":{...}}                                     only usage
// data: {"error":{"message":"..."}}                                      upstream_error
// data: [DONE]                                                           the end
//
// Some send usage in a chunk with choices (Mistral, DeepSeek, Cerebras), in x_groq, or in every chunk (Perplexity): the
// last one counts. Azure's first chunk has neither choices nor usage: it is forwarded.
#include "answer/tally.hpp"
#include "http1/sse_reader.hpp"
#include "json/json.hpp"
#include "openai/answer_reader.hpp"
#include "providers/openai.hpp"

#include <algorithm>

namespace triage::openai {
namespace {

constexpr std::string_view white = " \t\r\n";

Error bad(const std::string& what) {
  return Error{ErrorCode::upstream_bad_response, "an event of the provider's stream " + what};
}

// Whether an event's fields name it an error. `raw` has them in LF framing.
bool is_named_error(std::string_view raw) noexcept {
  while (!raw.empty()) {
    std::string_view line = raw.substr(0, raw.find('\n'));
    raw.remove_prefix(std::min(raw.size(), line.size() + 1));
    if (!line.starts_with("event:")) continue;
    line.remove_prefix(6);
    if (line.starts_with(' ')) line.remove_prefix(1);
    if (line == "error") return true;
  }
  return false;
}

class Decoder final : public AnswerDecoder {
 public:
  explicit Decoder(std::size_t event_bytes_max) : reader_(event_bytes_max) {}

  void feed(std::string_view bytes) override { reader_.feed(bytes); }
  void end() override { reader_.end(); }

  Result<const AnswerEvent*> next() override {
    while (!ended_) {
      const auto event = reader_.next();
      if (!event) return event.error();
      if (!*event) return nullptr;
      const std::size_t first = (*event)->data.find_first_not_of(white);
      if (first == std::string_view::npos) continue;
      if (is_done((*event)->data, first)) break;
      if ((*event)->data[first] != '{') continue;  // comments in the wrong place, a proxy's words
      return read(**event);
    }
    ended_ = true;
    return nullptr;
  }

  [[nodiscard]] bool ended() const noexcept override { return ended_; }

 private:
  static bool is_done(std::string_view data, std::size_t first) noexcept {
    return data.substr(first, 6) == "[DONE]" && data.find_first_not_of(white, first + 6) == std::string_view::npos;
  }

  Result<const AnswerEvent*> read(const SseReader::Event& from) {
    event_.clear();
    if (!read_answer_mended(from.data, AnswerForm::chunk, from.raw, "data: ", "\n\n", event_))
      return bad("is no valid JSON object");
    if (!event_.mended.empty()) put_on_one_line();
    const auto is_error = [](const AnswerChoice& choice) { return choice.finish_reason == "error"; };
    const bool named = !event_.has_choices && is_named_error(from.raw);
    if (event_.reports_error || named || std::ranges::any_of(event_.choices, is_error))
      return reported_error("the provider reports an error in its stream", event_.json, event_.error_status);
    const auto beyond = [](const AnswerChoice& choice) { return choice.index >= AnswerTally::choices_max; };
    if (std::ranges::any_of(event_.choices, beyond))
      return bad("has a choice whose index is not in 0.." + std::to_string(AnswerTally::choices_max - 1));
    return &event_;
  }

  // The data may be of several lines: a line break is white space, or there is no JSON.
  void put_on_one_line() {
    const std::size_t end = event_.verbatim.size() - 2;
    std::replace(event_.mended.begin(), event_.mended.begin() + static_cast<std::ptrdiff_t>(end), '\n', ' ');
  }

  SseReader reader_;
  AnswerEvent event_;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<AnswerDecoder> make_decoder(std::size_t event_bytes_max) {
  return std::make_unique<Decoder>(event_bytes_max);
}

}  // namespace triage::openai
