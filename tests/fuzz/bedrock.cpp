// Amazon Bedrock: frames are read alike however the bytes come; an answer's events obey their grammar and what a chat
// client is sent of them is JSON; a chat completion becomes JSON, the same each time; a credentials file is never too
// odd. A seed is a line for each event of a stream, "TYPE JSON", which gets its frame and checksums here ("!NAME JSON"
// is an exception); or any of the other inputs.

#include "bedrock/answer_reader.hpp"
#include "bedrock/event_stream.hpp"
#include "bedrock/request_writer.hpp"
#include "blocks/event_order.hpp"
#include "credentials/token.hpp"
#include "fuzz_check.hpp"
#include "json/json.hpp"
#include "openai/block_reader.hpp"
#include "openai/request_body.hpp"
#include "support/event_frame.hpp"
#include "support/padded.hpp"

#include <memory>
#include <string>
#include <vector>

namespace triage::fuzz {
namespace {

void check_json(std::string_view text, const char* what) {
  const test::Padded json(text);
  JsonReader in(json.view());
  check(in.skip() && in.finish(), what);
}

class Frames {
 public:
  void feed(std::string_view bytes) {
    const test::Padded fed(bytes, '\n');
    stream_.feed(fed.view());
    while (!failed_) {
      const auto frame = stream_.next();
      failed_ = !frame;
      if (!frame || *frame == nullptr) return;
      out_.append((*frame)->text(":event-type")).append("|").append((*frame)->payload).append("\n");
    }
  }
  std::string end() { return out_ + (failed_ ? "failed" : ""); }

 private:
  bedrock::EventStream stream_{1 << 16};
  std::string out_;
  bool failed_ = false;
};

class Events {
 public:
  void feed(std::string_view bytes) {
    const test::Padded fed(bytes, '\n');
    reader_->feed(fed.view());
    while (!failed_) {
      const auto event = reader_->next();
      failed_ = !event;
      if (!event || *event == nullptr) return;
      check(order_.next(**event).empty(), "an event in its order");
      out_.append(std::to_string(static_cast<int>((*event)->kind))).append((*event)->text.raw).append("\n");
    }
  }
  std::string end() { return out_ + (failed_ ? "failed" : ""); }

 private:
  std::unique_ptr<BlockReader> reader_ = bedrock::make_block_reader(1 << 20);
  EventOrder order_;
  std::string out_;
  bool failed_ = false;
};

std::string framed(std::string_view lines) {
  std::string out;
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(std::min(lines.size(), line.size() + 1));
    const std::size_t space = std::min(line.find(' '), line.size());
    const std::string type(line.substr(0, std::min<std::size_t>(space, 255)));
    const std::string_view json = line.substr(std::min(line.size(), space + 1));
    out += type.starts_with('!')
               ? test::frame_of({{":message-type", "exception"}, {":exception-type", type.substr(1)}}, json)
               : test::event_frame(type, json);
  }
  return out;
}

void read_whole(std::string_view bytes) {
  const test::Padded padded(bytes, '\n');
  BlockAnswer answer;
  if (bedrock::read_whole(padded.view(), answer)) return;
  EventOrder order;
  for (const BlockEvent& event : answer.events)
    check(order.next(event).empty(), "an event of a whole answer in its order");
}

void write_request(std::string_view bytes) {
  const test::Padded padded(bytes);
  const auto request = parse_request_body(Api::chat, padded.view(), 64);
  if (!request) return;
  const auto blocks = openai::read_blocks(*request);
  if (!blocks) return;
  for (const bool plain : {false, true}) {
    bedrock::ConverseWords words;
    words.reply_to_results = plain;
    words.cache_points = words.named_choice = words.failed_results = !plain;
    if (plain) words.effort = bedrock::ConverseWords::Effort::nova;
    const auto written = bedrock::write_request(*blocks, Deployment(), words);
    if (!written) continue;
    check_json(written->body, "a request is JSON");
    check(bedrock::write_request(*blocks, Deployment(), words)->body == written->body, "the same bytes each time");
  }
}

}  // namespace
}  // namespace triage::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace triage::fuzz;
  const std::string_view bytes = as_text(data, size);
  end_of_any_split(bytes, [] { return Frames(); });
  end_of_any_split(framed(bytes), [] { return Events(); });
  read_whole(bytes);
  write_request(bytes);
  static_cast<void>(triage::credentials::read_identity(bytes));
  static_cast<void>(triage::credentials::read_token(200, bytes));
  return 0;
}
