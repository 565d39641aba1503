// A provider's stream: the same events however the bytes come, what is sent on reads the same again, and the decoder
// takes whatever the events hold.

#include "answer/tally.hpp"
#include "fuzz_check.hpp"
#include "http1/sse_reader.hpp"
#include "providers/providers.hpp"
#include "support/padded.hpp"

#include <string>
#include <utility>
#include <vector>

namespace triage::fuzz {
namespace {

struct Events {
  std::vector<std::string> data;
  std::vector<std::string> raw;
  bool failed = false;
  bool operator==(const Events&) const = default;
};

class Stream {
 public:
  explicit Stream(std::size_t bytes_max) : reader_(bytes_max) {}

  void feed(std::string_view bytes) {
    if (seen_.failed) return;
    const test::Padded fed(bytes, '\n');
    reader_.feed(fed.view());
    while (take(reader_.next())) {
    }
  }

  Events end() {
    if (!seen_.failed) take(reader_.finish());
    return seen_;
  }

 private:
  bool take(const Result<std::optional<SseReader::Event>>& event) {
    seen_.failed = !event;
    if (!event || !*event) return false;
    seen_.data.emplace_back((*event)->data);
    seen_.raw.emplace_back((*event)->raw);
    return true;
  }

  SseReader reader_;
  Events seen_;
};

void check_raw(const Events& events) {
  std::string again = "\n";
  for (const std::string& raw : events.raw) {
    check(raw.ends_with("\n\n") && raw.find('\r') == std::string::npos, "LF framing");
    check(raw.find("\n\n") == raw.size() - 2 && raw.front() != ':' && raw.find("\n:") == std::string::npos,
          "one event, no comment");
    again += raw;
  }
  Stream stream(std::size_t{1} << 30);
  stream.feed(again);
  const Events second = stream.end();
  check(second.data == events.data && second.raw == events.raw, "what is sent on reads the same");
}

void decode(std::string_view bytes, std::size_t bytes_max) {
  ApiRequest request;
  const auto decoder = find_dialect("openai")->decoder(request, bytes_max);
  const test::Padded padded(bytes, '\n');
  decoder->feed(padded.view());
  AnswerTally tally;
  for (bool last = false;;) {
    const auto event = decoder->next();
    if (!event) {
      const ErrorCode code = event.error().code;
      check(code == ErrorCode::upstream_bad_response || code == ErrorCode::upstream_error ||
                code == ErrorCode::upstream_too_large,
            "a verdict on an event");
      return;
    }
    if (*event != nullptr) {
      check(!(*event)->verbatim.empty(), "an event has bytes");
      tally.add(**event);
    } else if (std::exchange(last, true)) {
      return;
    } else {
      decoder->end();
    }
  }
}

}  // namespace
}  // namespace triage::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace triage::fuzz;
  const std::string_view bytes = as_text(data, size);
  const std::size_t bytes_max = (hash(bytes) & 3) == 0 ? 40 : 1 << 20;
  const Events events = end_of_any_split(bytes, [=] { return Stream(bytes_max); });
  check_raw(events);
  decode(bytes, bytes_max);
  return 0;
}
