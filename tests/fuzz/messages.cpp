// A stream of chat completions for a client of Anthropic's API: its events obey their grammar, are the same however the
// bytes come, and are JSON.

#include "answer/tally.hpp"
#include "answers.hpp"
#include "blocks/event_order.hpp"
#include "clients/clients.hpp"
#include "json/json.hpp"
#include "providers/providers.hpp"
#include "support/padded.hpp"

#include <memory>
#include <string>
#include <vector>

namespace triage::fuzz {
namespace {

// The reader under test; whatever it says is in order.
class Checked final : public BlockReader {
 public:
  void feed(std::string_view bytes) override { reader_->feed(bytes); }
  void end() override { reader_->end(); }
  [[nodiscard]] bool ended() const noexcept override { return reader_->ended(); }
  Result<const BlockEvent*> next() override {
    auto event = reader_->next();
    if (event && *event != nullptr) check(order_.next(**event).empty(), "an event in its order");
    return event;
  }

 private:
  std::unique_ptr<BlockReader> reader_ = find_dialect("openai")->block_reader(1 << 20);
  EventOrder order_;
};

class Stream {
 public:
  Stream() : decoder_(anthropic_client().translated(std::make_unique<Checked>(), request_)) {}

  void feed(std::string_view bytes) {
    decoder_->feed(fed_.add(bytes));
    take();
  }

  std::string end() {
    decoder_->end();
    take();
    return out_;
  }

 private:
  void take() {
    while (!failed_) {
      const auto event = decoder_->next();
      failed_ = !event;
      if (!event || *event == nullptr) return;
      tally_.add(**event);
      read((*event)->verbatim);
      out_ += (*event)->verbatim;
    }
  }

  // event: NAME, data: {...}, a blank line
  static void read(std::string_view bytes) {
    if (bytes.empty()) return;
    constexpr std::string_view data = "\ndata: ";
    const std::size_t at = bytes.find(data);
    check(bytes.starts_with("event: ") && at != std::string_view::npos && bytes.ends_with("}\n\n"), "an event");
    const std::size_t begin = at + data.size();
    check_json(bytes.substr(begin, bytes.size() - begin - 2), "an event is JSON");
  }

  ApiRequest request_;
  std::unique_ptr<AnswerDecoder> decoder_;
  Pieces fed_;
  AnswerTally tally_;
  std::string out_;
  bool failed_ = false;
};

void read_whole(std::string_view bytes) {
  const test::Padded padded(bytes, '\n');
  BlockAnswer answer;
  if (find_dialect("openai")->read_whole("application/json", padded.view(), answer)) return;
  check_order(answer);
  AnswerEvent event;
  anthropic_client().translate_whole(std::move(answer), {}, event);
  check_json(event.verbatim, "a message is JSON");
}

}  // namespace
}  // namespace triage::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace triage::fuzz;
  const std::string_view bytes = as_text(data, size);
  end_of_any_split(bytes, [] { return Stream(); });
  read_whole(bytes);
  return 0;
}
