#pragma once
// Counts tokens roughly as a byte-pair encoder for English would, without its 100,000-entry table.
//
//   word (letters, with the one space before it)   1 token up to 8 letters, then one more per 6
//   digits                                          1 token per 3
//   punctuation                                     1 token per run of up to 3 equal signs, otherwise per sign
//   white space (other than one space before text)  1 token per run of up to 16
//   a code point of two or more bytes               letters of two bytes: 2 to a token; wider ones (CJK, emoji): 1 each
//
// English prose has about 4.3 bytes per token, code about 3. Pieces never split a code point, and count(text) is always
// the number of pieces.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace triage::simulate {

/// The end of the token that starts at `begin`, which must be < text.size().
std::size_t token_end(std::string_view text, std::size_t begin) noexcept;

std::size_t count_tokens(std::string_view text) noexcept;

/// Appends the end offset of each token of the part of text that begins at `from`.
void split_tokens(std::string_view text, std::size_t from, std::vector<std::uint32_t>& ends);

}  // namespace triage::simulate
