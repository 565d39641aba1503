#pragma once
// Decodes a chunked body, strictly (RFC 9112, 7.1). Sans I/O. Every byte given is either payload, returned as a view of
// the input, or absorbed into the state: the caller keeps nothing. Resumable at every byte.

#include "http1/field_grammar.hpp"
#include "triage/error.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace triage {

class ChunkDecoder {
 public:
  struct Piece {
    std::size_t consumed = 0;  ///< bytes to drop from the front of `data`, payload included
    std::string_view payload;  ///< the last of the consumed bytes; may be empty
    bool done = false;         ///< the body, trailers included, ended after `consumed`
  };

  static constexpr std::size_t size_digits_max = 16;
  static constexpr std::size_t extension_bytes_max = 4 * 1024;         ///< of one chunk
  static constexpr std::size_t extension_bytes_total_max = 64 * 1024;  ///< of one body

  /// Errors carry `code_on_error`: malformed_http for a client's body, upstream_bad_response for a provider's.
  explicit ChunkDecoder(ErrorCode code_on_error, std::size_t trailer_bytes_max = 16 * 1024) noexcept
      : code_on_error_(code_on_error), trailer_bytes_max_(trailer_bytes_max) {}

  /// Takes bytes from the front of `data` and returns after the first piece of payload, or when `data` is used up, or
  /// when the body is done. Call again with what was not consumed. Trailers are checked, bounded and dropped. After
  /// an error the same error is returned until reset().
  Result<Piece> decode(std::string_view data);

  void reset() noexcept;

 private:
  enum class State : std::uint8_t {
    size_start,
    size,
    size_blank,
    extension_name_start,
    extension_name,
    extension_name_blank,
    extension_value_start,
    extension_token,
    extension_quoted,
    extension_escape,
    extension_value_end,
    extension_value_blank,
    size_line_feed,
    payload,
    payload_return,
    payload_line_feed,
    trailer_start,
    trailer_name,
    trailer_value,
    trailer_line_feed,
    last_line_feed,
    done,
    failed
  };

  bool take(char byte);
  bool take_size(char byte);
  bool take_extension(char byte);
  bool take_trailer(char byte);
  bool end_size_line(char byte);
  bool end_trailer_name();
  bool fail(std::string message);

  ErrorCode code_on_error_;
  std::size_t trailer_bytes_max_;
  State state_ = State::size_start;
  std::uint64_t left_ = 0;  ///< payload bytes of this chunk still to come; while its size is read, the size so far
  std::size_t digits_ = 0;
  std::size_t extension_bytes_ = 0;
  std::size_t extension_bytes_total_ = 0;
  std::size_t trailer_bytes_ = 0;
  std::size_t name_size_ = 0;
  std::array<char, grammar::forbidden_name_bytes_max> name_{};
  std::string fault_;
};

}  // namespace triage
