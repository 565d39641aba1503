// The Responses API: an answer's events obey their grammar, are the same however the bytes come, and so is the stream
// that is written of them; a request is written the same each time, and reads again.

#include "answers.hpp"
#include "blocks/event_order.hpp"
#include "json/json.hpp"
#include "openai/request_body.hpp"
#include "responses/answer_reader.hpp"
#include "responses/answer_writer.hpp"
#include "responses/echo.hpp"
#include "responses/request_reader.hpp"
#include "responses/request_writer.hpp"
#include "support/padded.hpp"
#include "support/response_grammar.hpp"

#include <memory>
#include <string>
#include <vector>

namespace triage::fuzz {
namespace {

constexpr std::uint32_t depth_max = 64;

responses::Asked asked() {
  const test::Padded request(R"({"model":"m"})");
  return {1, responses::echo_of(request.view()), "m"};
}

// Half of a surrogate pair is no text to the checker, and what a provider did not send in UTF-8 is passed on.
bool is_text(const std::string& text) {
  return text.find("\\ud") == std::string::npos && text.find("\\uD") == std::string::npos && !find_invalid_utf8(text);
}

class Stream {
 public:
  void feed(std::string_view bytes) {
    reader_->feed(fed_.add(bytes));
    take();
  }

  std::string end() {
    reader_->end();
    take();
    if (failed_ && order_begun_)
      writer_.fail(500, "broken", out_);
    else
      writer_.end(out_);
    test::ResponseGrammar grammar;
    if (is_text(out_)) check(grammar.take(out_).empty(), "a stream that is written in its order");
    return out_;
  }

 private:
  void take() {
    while (!failed_) {
      const auto event = reader_->next();
      failed_ = !event;
      if (!event || *event == nullptr) return;
      order_begun_ = true;
      check(order_.next(**event).empty(), "an event in its order");
      writer_.put(**event, out_);
    }
  }

  std::unique_ptr<BlockReader> reader_ = responses::make_block_reader(1 << 20);
  responses::ResponseWriter writer_{asked()};
  EventOrder order_;
  Pieces fed_;
  std::string out_;
  bool order_begun_ = false;
  bool failed_ = false;
};

void read_whole(std::string_view bytes) {
  const test::Padded padded(bytes, '\n');
  BlockAnswer answer;
  if (responses::read_whole(padded.view(), answer)) return;
  check_order(answer);
  check_json(responses::write_response(answer.events, asked()), "a response is JSON");
}

std::string written(std::string_view bytes) {
  const test::Padded body(bytes);
  const auto request = responses::read_request(body.view(), depth_max);
  if (!request) return "";
  const test::Padded echo("{" + responses::echo_of(body.view()) + "}");
  JsonReader echoed(echo.view());
  check(echoed.skip() && echoed.finish(), "what is repeated is JSON");
  check(echo.view().find_first_of("\r\n") == std::string_view::npos, "on one line");
  Deployment deployment;
  deployment.model = "m";
  deployment.thinking = (hash(bytes) & 1) == 0 ? Thinking::budget : Thinking::adaptive;
  const auto call = responses::write_request(request->blocks, deployment);
  if (!call) return "";
  const test::Padded json(call->body);
  const auto again = responses::read_request(json.view(), JsonReader::depth_limit);
  check(again.has_value(), "a request reads again");
  for (const std::string& name : call->dropped)
    check(name.find_first_of("\r\n") == std::string::npos, "a name fits a header");
  return call->body;
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
