// A chunked body: the same payload, end and fault however the bytes come; payload lies where it was sent.

#include "fuzz_check.hpp"
#include "http1/chunk_decoder.hpp"
#include "unit/http1/request_head_stream.hpp"

#include <string>

namespace triage::fuzz {
namespace {

struct Body {
  explicit Body(std::size_t trailer_bytes_max) : decoder(ErrorCode::malformed_http, trailer_bytes_max) {}

  void feed(std::string_view bytes) {
    while (!done && fault.empty() && !bytes.empty()) {
      const test::ExactCopy copy(bytes);
      const auto piece = decoder.decode(copy.view());
      if (!piece) {
        fault = piece.error().message;
        return;
      }
      check(piece->consumed > 0 && piece->consumed <= bytes.size(), "progress within the input");
      check(piece->consumed == bytes.size() || piece->done || !piece->payload.empty(), "no byte left without a reason");
      if (!piece->payload.empty())
        check(piece->payload.end() == copy.view().begin() + piece->consumed, "payload ends what was consumed");
      payload += piece->payload;
      consumed += piece->consumed;
      done = piece->done;
      bytes.remove_prefix(piece->consumed);
    }
  }
  bool operator==(const Body& other) const {
    return payload == other.payload && fault == other.fault && done == other.done &&
           (!fault.empty() || consumed == other.consumed);
  }

  ChunkDecoder decoder;
  std::string payload;
  std::string fault;
  std::size_t consumed = 0;
  bool done = false;
};

}  // namespace
}  // namespace triage::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace triage;
  const std::string_view bytes = fuzz::as_text(data, size);
  const std::size_t trailer_bytes_max = (fuzz::hash(bytes) & 1) != 0 ? 16 * 1024 : 40;
  fuzz::Body whole(trailer_bytes_max);
  whole.feed(bytes);
  fuzz::Body split(trailer_bytes_max);
  fuzz::feed_split(split, bytes);
  fuzz::check(split == whole, "the same in two pieces");
  if (bytes.size() <= 512) {
    fuzz::Body slow(trailer_bytes_max);
    fuzz::feed_slowly(slow, bytes);
    fuzz::check(slow == whole, "the same byte by byte");
  }
  fuzz::check(whole.payload.size() <= whole.consumed || !whole.fault.empty(), "no payload from nowhere");
  return 0;
}
