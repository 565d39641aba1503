//   content_length   .....left_.....|next reply
//   chunked          1a CRLF <payload> CRLF 5 CRLF <payload> CRLF 0 CRLF CRLF|next reply
//                            ^ the payloads are moved together from here
//   until_close      everything

#include "upstream/reply_body.hpp"

#include <algorithm>
#include <cstring>

namespace triage::upstream {

Result<ReplyBody::Taken> ReplyBody::take(char* bytes, std::size_t size) {
  if (framing_.chunked) return take_chunks(bytes, size);
  Taken taken;
  taken.consumed = framing_.until_close ? size : static_cast<std::size_t>(std::min<std::uint64_t>(left_, size));
  taken.payload = {bytes, taken.consumed};
  if (!framing_.until_close) left_ -= taken.consumed;
  return taken;
}

Result<ReplyBody::Taken> ReplyBody::take_chunks(char* bytes, std::size_t size) {
  Taken taken;
  char* joined = nullptr;
  std::size_t joined_size = 0;
  while (!chunks_done_ && taken.consumed < size) {
    const auto piece = chunks_.decode({bytes + taken.consumed, size - taken.consumed});
    if (!piece) return piece.error();
    if (!piece->payload.empty()) {
      if (!joined) joined = bytes + (piece->payload.data() - bytes);
      std::memmove(joined + joined_size, piece->payload.data(), piece->payload.size());
      joined_size += piece->payload.size();
    }
    taken.consumed += piece->consumed;
    chunks_done_ = piece->done;
  }
  if (joined) taken.payload = {joined, joined_size};
  return taken;
}

}  // namespace triage::upstream
