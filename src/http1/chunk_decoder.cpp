// A chunked body (RFC 9112, 7.1):
//
//   chunked-body   = *chunk last-chunk trailer-section CRLF
//   chunk          = 1*HEXDIG [ chunk-ext ] CRLF chunk-data CRLF
//   last-chunk     = 1*"0" [ chunk-ext ] CRLF
//   chunk-ext      = *( BWS ";" BWS token [ BWS "=" BWS ( token / quoted-string ) ] )
//
//   size -CRLF-> payload -CRLF-> size ...        size 0 -CRLF-> trailer lines -CRLF-> done
//
// Strictly so: white space after a size belongs to an extension, and one must follow.

#include "http1/chunk_decoder.hpp"

#include <algorithm>
#include <utility>

namespace triage {

using grammar::is;
using grammar::is_blank;

void ChunkDecoder::reset() noexcept {
  state_ = State::size_start;
  left_ = 0;
  digits_ = extension_bytes_ = extension_bytes_total_ = trailer_bytes_ = name_size_ = 0;
}

Result<ChunkDecoder::Piece> ChunkDecoder::decode(std::string_view data) {
  Piece piece;
  while (piece.consumed < data.size() && state_ < State::done) {
    if (state_ == State::payload) {
      const std::size_t rest = data.size() - piece.consumed;
      const std::size_t size = left_ < rest ? static_cast<std::size_t>(left_) : rest;
      piece.payload = data.substr(piece.consumed, size);
      piece.consumed += size;
      left_ -= size;
      if (left_ == 0) state_ = State::payload_return;
      return piece;
    }
    if (!take(data[piece.consumed])) break;
    ++piece.consumed;
  }
  if (state_ == State::failed) return Error{code_on_error_, "chunked body: " + fault_};
  piece.done = state_ == State::done;
  return piece;
}

bool ChunkDecoder::fail(std::string message) {
  state_ = State::failed;
  fault_ = std::move(message);
  return false;
}

bool ChunkDecoder::take(char byte) {
  switch (state_) {
    case State::size_start:
    case State::size: return take_size(byte);
    case State::size_line_feed:
      if (byte != '\n') return fail("a CR without LF behind a chunk size");
      state_ = left_ == 0 ? State::trailer_start : State::payload;
      return true;
    case State::payload_return:
      if (byte != '\r') return fail("chunk data longer than the chunk size says");
      state_ = State::payload_line_feed;
      return true;
    case State::payload_line_feed:
      if (byte != '\n') return fail("a CR without LF behind chunk data");
      state_ = State::size_start;
      return true;
    case State::trailer_start:
    case State::trailer_name:
    case State::trailer_value:
    case State::trailer_line_feed: return take_trailer(byte);
    case State::last_line_feed:
      if (byte != '\n') return fail("a CR without LF at its end");
      state_ = State::done;
      return true;
    default: return take_extension(byte);
  }
}

bool ChunkDecoder::take_size(char byte) {
  if (state_ == State::size_start) {
    left_ = 0;
    digits_ = extension_bytes_ = 0;
  }
  const int digit = hex_value(byte);
  if (digit >= 0) {
    if (++digits_ > size_digits_max) return fail("a chunk size of more than 16 digits");
    left_ = left_ << 4 | static_cast<std::uint64_t>(digit);
    state_ = State::size;
    return true;
  }
  if (state_ == State::size_start) return fail("the byte " + grammar::spell(byte) + " where a chunk size must be");
  if (byte == '\r') return end_size_line(byte);
  state_ = State::size_blank;
  return take_extension(byte);
}

bool ChunkDecoder::end_size_line(char byte) {
  if (byte != '\r') return fail("the byte " + grammar::spell(byte) + " behind a chunk size");
  state_ = State::size_line_feed;
  return true;
}

// Takes what is between the digits and the CR.
bool ChunkDecoder::take_extension(char byte) {
  if (byte != '\r' &&
      (++extension_bytes_ > extension_bytes_max || ++extension_bytes_total_ > extension_bytes_total_max))
    return fail("chunk extensions of more than 4 KiB in a chunk or 64 KiB in all");
  switch (state_) {
    case State::extension_name_start:
      if (is_blank(byte)) return true;
      if (!is(byte, grammar::token_byte)) return fail("a chunk extension without name");
      state_ = State::extension_name;
      return true;
    case State::extension_value_start:
      if (is_blank(byte)) return true;
      if (byte != '"' && !is(byte, grammar::token_byte)) return fail("a chunk extension with '=' but no value");
      state_ = byte == '"' ? State::extension_quoted : State::extension_token;
      return true;
    case State::extension_quoted:
      if (byte == '"')
        state_ = State::extension_value_end;
      else if (byte == '\\')
        state_ = State::extension_escape;
      else if (!is(byte, grammar::quoted_byte))
        return fail("the byte " + grammar::spell(byte) + " in a quoted chunk extension");
      return true;
    case State::extension_escape:
      if (!is(byte, grammar::value_byte))
        return fail("the byte " + grammar::spell(byte) + " in a quoted chunk extension");
      state_ = State::extension_quoted;
      return true;
    default: break;
  }
  if (state_ == State::extension_name || state_ == State::extension_token) {
    if (is(byte, grammar::token_byte)) return true;
  }
  // After a complete name, value or size: white space, the next extension, a value, or the end.
  const bool after_name = state_ == State::extension_name || state_ == State::extension_name_blank;
  if (byte == ';') {
    state_ = State::extension_name_start;
  } else if (byte == '=' && after_name) {
    state_ = State::extension_value_start;
  } else if (is_blank(byte)) {
    if (state_ != State::size_blank) state_ = after_name ? State::extension_name_blank : State::extension_value_blank;
  } else if (byte == '\r' && state_ == State::size_blank) {
    return fail("white space behind a chunk size");
  } else if (byte == '\r' && (state_ == State::extension_name_blank || state_ == State::extension_value_blank)) {
    return fail("white space behind a chunk extension");
  } else {
    return end_size_line(byte);
  }
  return true;
}

// Like a field section, but only a name that might be forbidden is kept.
bool ChunkDecoder::take_trailer(char byte) {
  if (state_ == State::trailer_start && byte == '\r') {
    state_ = State::last_line_feed;
    return true;
  }
  if (++trailer_bytes_ > trailer_bytes_max_)
    return fail("trailers of more than " + std::to_string(trailer_bytes_max_) + " bytes");
  switch (state_) {
    case State::trailer_start:
      name_size_ = 0;
      state_ = State::trailer_name;
      [[fallthrough]];
    case State::trailer_name:
      if (byte == ':') return end_trailer_name();
      if (!is(byte, grammar::token_byte)) return fail("the byte " + grammar::spell(byte) + " in a trailer's name");
      if (name_size_ < name_.size()) name_[name_size_] = byte;
      ++name_size_;
      return true;
    case State::trailer_value:
      if (byte == '\r')
        state_ = State::trailer_line_feed;
      else if (!is(byte, grammar::value_byte))
        return fail("the byte " + grammar::spell(byte) + " in a trailer's value");
      return true;
    default:
      if (byte != '\n') return fail("a CR without LF in a trailer");
      state_ = State::trailer_start;
      return true;
  }
}

bool ChunkDecoder::end_trailer_name() {
  if (name_size_ == 0) return fail("a trailer without name");
  const std::string_view name(name_.data(), std::min(name_size_, name_.size()));
  if (name_size_ == name.size() && grammar::forbidden_in_trailer(name))
    return fail("the field " + std::string(name) + " as a trailer; send it in the head");
  state_ = State::trailer_value;
  return true;
}

}  // namespace triage
