#pragma once
// Finds the body of a reply among the bytes of its connection (RFC 9112, 6.3 and 7.1). Sans I/O.

#include "http1/chunk_decoder.hpp"
#include "http1/response_head_parser.hpp"
#include "triage/error.hpp"

#include <cstddef>
#include <string_view>

namespace triage::upstream {

class ReplyBody {
 public:
  explicit ReplyBody(const ResponseFraming& framing)
      : framing_(framing), left_(framing.content_length.value_or(0)), chunks_(ErrorCode::upstream_bad_response) {}

  struct Taken {
    std::size_t consumed = 0;  ///< bytes used up, from the front
    std::string_view payload;  ///< a view of the bytes given; empty if they held framing only
  };

  /// Takes all bytes that belong to the body. Chunks that came together become one payload: they are moved together in
  /// place, over the framing between them. Error: upstream_bad_response.
  Result<Taken> take(char* bytes, std::size_t size);

  /// Whether the end of the connection is the proper end of the body.
  [[nodiscard]] bool ends_with_connection() const noexcept { return framing_.until_close; }

  /// Whether the body is complete. What follows is not part of it.
  [[nodiscard]] bool complete() const noexcept {
    return framing_.chunked ? chunks_done_ : !framing_.until_close && left_ == 0;
  }

 private:
  Result<Taken> take_chunks(char* bytes, std::size_t size);

  ResponseFraming framing_;
  std::uint64_t left_;
  ChunkDecoder chunks_;
  bool chunks_done_ = false;
};

}  // namespace triage::upstream
