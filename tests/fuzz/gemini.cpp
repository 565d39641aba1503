// Gemini's API: an answer's events obey their grammar and are the same however its bytes come; what its clients are
// sent is JSON that reads again; requests are the same bytes each time.

#include "answers.hpp"
#include "blocks/event_order.hpp"
#include "gemini/answer_reader.hpp"
#include "gemini/answer_writer.hpp"
#include "gemini/request_reader.hpp"
#include "gemini/request_writer.hpp"
#include "json/json.hpp"
#include "openai/chat_writer.hpp"
#include "openai/request_body.hpp"
#include "support/padded.hpp"

#include <memory>
#include <string>
#include <vector>

namespace triage::fuzz {
namespace {

// What a client is sent of a stream.
class Stream {
 public:
  void feed(std::string_view bytes) {
    reader_->feed(fed_.add(bytes));
    take();
  }

  std::string end() {
    reader_->end();
    take();
    if (failed_) {
      writer_.fail(gemini::write_error(502, "failed"), out_);
    } else {
      writer_.end(out_);
    }
    check_json(out_, "a stream is a JSON array");
    return named_ ? out_ : std::string();  // an answer without an id gets one by chance
  }

 private:
  void take() {
    while (!failed_) {
      const auto event = reader_->next();
      failed_ = !event;
      if (!event || *event == nullptr) return;
      check(order_.next(**event).empty(), "an event in its order");
      if ((*event)->kind == BlockEvent::Kind::begin) named_ = !(*event)->id.raw.empty();
      writer_.put(**event, out_);
    }
  }

  std::unique_ptr<BlockReader> reader_ = gemini::make_block_reader(1 << 20);
  EventOrder order_;
  gemini::ResponseWriter writer_{gemini::Framing::array};
  Pieces fed_;
  std::string out_;
  bool failed_ = false;
  bool named_ = true;
};

void read_whole(std::string_view bytes) {
  const test::Padded padded(bytes, '\n');
  BlockAnswer answer;
  if (gemini::read_whole(padded.view(), answer)) return;
  check(check_order(answer), "a whole answer ends");
  const std::string text = gemini::write_response(answer.events);
  const test::Padded again(text);
  BlockAnswer second;
  check(!gemini::read_whole(again.view(), second), "what is written reads again");
}

std::string written(std::string_view bytes) {
  constexpr std::uint32_t depth_max = 64;
  const test::Padded body(bytes);
  const auto request = gemini::read_request(body.view(), depth_max);
  if (!request) return "";
  const std::string chat = openai::write_chat(request->blocks, "m");
  const test::Padded json(chat);
  check(parse_request_body(Api::chat, json.view(), 2 * depth_max).has_value(), "a request as chat is a chat request");
  Deployment deployment;
  deployment.thinking = (hash(bytes) & 1) == 0 ? Thinking::budget : Thinking::level;
  const auto call = gemini::write_request(request->blocks, deployment);
  if (!call) return chat;
  check_json(call->body, "a request is JSON");
  check(!find_invalid_utf8(call->body), "a request is UTF-8");
  for (const std::string& name : call->dropped)
    check(name.find_first_of("\r\n") == std::string::npos, "a name fits a header");
  return chat + call->body;
}

}  // namespace
}  // namespace triage::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace triage::fuzz;
  const std::string_view bytes = as_text(data, size);
  end_of_any_split(bytes, [] { return Stream(); });
  read_whole(bytes);
  check(written(bytes) == written(bytes), "the same bytes each time");
  return 0;
}
