// A provider's answer: the same verdict however the bytes come, one way to frame its body, only the declared bytes
// taken.

#include "fuzz_check.hpp"
#include "unit/http1/response_head_stream.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace triage;
  const std::string_view bytes = fuzz::as_text(data, size);
  const std::uint64_t choices = fuzz::hash(bytes);
  const HeadLimits limits = (choices & 1) != 0 ? HeadLimits{} : HeadLimits{32, 128, 6};
  const bool to_head_request = (choices & 6) == 6;
  test::ResponseStream whole(limits, to_head_request);
  whole.feed(bytes);
  test::ResponseStream split(limits, to_head_request);
  fuzz::feed_split(split, bytes);
  // Bytes behind the end lie with the caller, who may be given more of them later: only what was read counts.
  fuzz::check(split.same_as(whole), "the same in two pieces");
  if (bytes.size() <= 256) {
    test::ResponseStream slow(limits, to_head_request);
    fuzz::feed_slowly(slow, bytes);
    fuzz::check(slow.same_as(whole), "the same byte by byte");
  }
  for (const int status : whole.statuses) fuzz::check(status >= 100 && status <= 599 && status != 101, "a known class");
  if (!whole.statuses.empty()) {
    const ResponseFraming& framing = whole.framing;
    fuzz::check(framing.content_length.has_value() + framing.chunked + framing.until_close == 1, "one framing");
    fuzz::check(!(framing.until_close && framing.keep_alive), "a body until close ends the connection");
    fuzz::check(!to_head_request || whole.body.empty(), "no body to HEAD");
    fuzz::check(whole.body.size() <= framing.content_length.value_or(bytes.size()), "no more than declared");
  }
  return 0;
}
