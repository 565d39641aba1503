// An answer of Anthropic's API: its events obey their grammar, are the same however the bytes come, and what a chat
// client is sent of them is JSON that reads again.

#include "answer/tally.hpp"
#include "answers.hpp"
#include "anthropic/answer_reader.hpp"
#include "blocks/event_order.hpp"
#include "clients/clients.hpp"
#include "json/json.hpp"
#include "support/padded.hpp"

#include <memory>
#include <string>
#include <vector>

namespace triage::fuzz {
namespace {

// The chunks of a stream, without their ids and times.
class Stream {
 public:
  Stream() {
    ApiRequest request;
    request.include_usage = true;
    decoder_ = openai_client().translated(std::make_unique<Checked>(), request);
  }

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
    std::unique_ptr<BlockReader> reader_ = anthropic::make_block_reader(1 << 20);
    EventOrder order_;
  };

  void take() {
    while (!failed_) {
      const auto event = decoder_->next();
      failed_ = !event;
      if (!event || *event == nullptr) return;
      tally_.add(**event);
      const std::string_view bytes = (*event)->verbatim;
      if (bytes.empty()) continue;
      check(bytes.starts_with("data: {") && bytes.ends_with("}\n\n"), "an event of a stream");
      check(bytes.find('\n') == bytes.size() - 2, "one line");
      check_json(bytes.substr(6, bytes.size() - 8), "a chunk is JSON");
      out_.append(bytes.substr(bytes.find("\"choices\"")));
    }
  }

  std::unique_ptr<AnswerDecoder> decoder_;
  Pieces fed_;
  AnswerTally tally_;
  std::string out_;
  bool failed_ = false;
};

void read_whole(std::string_view bytes) {
  const test::Padded padded(bytes, '\n');
  BlockAnswer answer;
  if (anthropic::read_whole(padded.view(), answer)) return;
  check_order(answer);
  AnswerEvent event;
  openai_client().translate_whole(answer, {}, event);
  check_json(event.verbatim, "a completion is JSON");
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
