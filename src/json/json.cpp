#include "json/json.hpp"

#include "base/ascii.hpp"
#include "base/byte_block.hpp"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

// \uXXXX escapes: D800..DBFF followed by an escape DC00..DFFF is one code point, 10000 + (high - D800) * 400 + (low -
// DC00), all hexadecimal (RFC 8259, 7). UTF-8 by RFC 3629, 4: no overlong form, no surrogate, nothing above 10FFFF.

namespace triage {
namespace {

constexpr std::size_t few_names = 16;      // up to this, comparing all pairs beats sorting
constexpr std::size_t kept_names = 16384;  // a larger vector is freed

std::uint32_t hex4(const char* at) noexcept {
  return static_cast<std::uint32_t>(hex_value(at[0]) << 12 | hex_value(at[1]) << 8 | hex_value(at[2]) << 4 |
                                    hex_value(at[3]));
}

char* put_code_point(char* to, std::uint32_t code) noexcept {
  const auto put = [&to](std::uint32_t byte) { *to++ = static_cast<char>(byte); };
  const auto tail = [&](unsigned shift) { put(0x80 | (code >> shift & 0x3f)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xc0 | code >> 6);
    tail(0);
  } else if (code < 0x10000) {
    put(0xe0 | code >> 12);
    tail(6), tail(0);
  } else {
    put(0xf0 | code >> 18);
    tail(12), tail(6), tail(0);
  }
  return to;
}

/// Writes what the valid escape \uXXXX at `at`, with the low surrogate after it if any, stands for. Moves both pointers
/// on.
void unescape_code_point(const char*& at, const char* end, char*& to) noexcept {
  std::uint32_t code = hex4(at + 2);
  at += 6;
  if (code >= 0xd800 && code < 0xdc00 && end - at >= 6 && at[0] == '\\' && at[1] == 'u') {
    const std::uint32_t low = hex4(at + 2);
    if (low >= 0xdc00 && low < 0xe000) {
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
      at += 6;
    }
  }
  to = put_code_point(to, code);
}

/// What the escape with this character after the backslash stands for; by default the character itself.
constexpr std::array<char, 256> unescaped = [] {
  std::array<char, 256> out{};
  for (std::size_t c = 0; c < out.size(); ++c) out[c] = static_cast<char>(c);
  out['b'] = '\b', out['f'] = '\f', out['n'] = '\n', out['r'] = '\r', out['t'] = '\t';
  return out;
}();

/// Copies a block at a time, up to one byte less than a block too many; no escape is shorter than its result.
/// Returns the end of what was written.
template <class Width>
[[gnu::always_inline]] inline char* unescape(const char* at, const char* const end, char* to) noexcept {
  typename Width::Block block;
  while (at < end) {
    std::memcpy(&block, at, sizeof block);
    std::memcpy(to, &block, sizeof block);
    const std::uint64_t escapes = Width::bits(block == '\\');
    const auto plain = escapes == 0 ? sizeof block : static_cast<std::size_t>(std::countr_zero(escapes));
    if (escapes == 0 || static_cast<std::size_t>(end - at) <= plain) {
      const std::size_t copied = std::min(plain, static_cast<std::size_t>(end - at));
      at += copied;
      to += copied;
      continue;
    }
    at += plain;
    to += plain;
    if (at[1] == 'u') {
      unescape_code_point(at, end, to);
    } else {
      *to++ = unescaped[static_cast<unsigned char>(at[1])];
      at += 2;
    }
  }
  return to;
}

/// Length of the valid UTF-8 sequence at `at`, or 0.
std::size_t sequence_length(const char* at, const char* end) noexcept {
  const auto byte = [&](std::ptrdiff_t i) { return at + i < end ? static_cast<unsigned char>(at[i]) : 0U; };
  const auto continues = [&](std::ptrdiff_t i) { return (byte(i) & 0xc0) == 0x80; };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  if (lead < 0xe0) return continues(1) ? 2 : 0;
  if (lead < 0xf0) {
    const bool bad = (lead == 0xe0 && byte(1) < 0xa0) || (lead == 0xed && byte(1) > 0x9f);
    return !bad && continues(1) && continues(2) ? 3 : 0;
  }
  const bool bad = (lead == 0xf0 && byte(1) < 0x90) || (lead == 0xf4 && byte(1) > 0x8f);
  return !bad && continues(1) && continues(2) && continues(3) ? 4 : 0;
}

/// A hash of the first and last eight bytes, because names are short. Equal hashes only cost a comparison.
std::uint32_t hash_of(const char* text, std::size_t size) noexcept {
  std::uint64_t head = 0;
  std::uint64_t tail = 0;
  if (size >= 8) {
    std::memcpy(&head, text, 8);
    std::memcpy(&tail, text + size - 8, 8);
  } else {
    std::memcpy(&head, text, 8);  // reads past the name: padding, or the zeros that add() puts there
    head &= (std::uint64_t{1} << (8 * size)) - 1;
  }
  const std::uint64_t mixed = ((head ^ size) * 0x9e3779b97f4a7c15ULL) ^ std::rotl(tail * 0xc2b2ae3d27d4eb4fULL, 29);
  return static_cast<std::uint32_t>(mixed >> 32);
}

}  // namespace

std::string JsonString::text() const {
  std::string out;
  append_to(out);
  return out;
}

void JsonString::append_to(std::string& out) const {
  const std::size_t before = out.size();
  out.resize(before + raw.size() + widest_block);
  const char* const end = with_widest_blocks([&]<class Width>() __attribute__((always_inline)) {
    return unescape<Width>(raw.data(), raw.data() + raw.size(), out.data() + before);
  });
  out.resize(static_cast<std::size_t>(end - out.data()));
}

void JsonNames::clear() {
  if (names_.capacity() > kept_names) names_ = {};
  names_.clear();
  starts_.clear();
  unescaped_.clear();
}

void JsonNames::add(const JsonString& name) {
  std::string_view text = name.raw;
  if (name.escaped) {
    std::string& owned = unescaped_.emplace_front(name.text());
    const std::size_t size = owned.size();
    owned.append(8, '\0');
    text = std::string_view(owned).substr(0, size);
  }
  names_.push_back({text.data(), static_cast<std::uint32_t>(text.size()), hash_of(text.data(), text.size()), name.raw});
}

bool JsonNames::same(const Name& a, const Name& b) noexcept {
  return a.hash == b.hash && a.size == b.size && std::memcmp(a.text, b.text, a.size) == 0;
}

std::optional<std::string_view> JsonNames::close() {
  Name* const first = names_.data() + starts_.back();
  Name* const last = names_.data() + names_.size();
  const auto count = static_cast<std::size_t>(last - first);
  std::optional<std::string_view> repeated;
  if (count <= few_names) {
    for (const Name* b = first; b < last; ++b)
      for (const Name* a = first; a < b; ++a)
        if (same(*a, *b)) repeated = b->spelled;
  } else {
    std::sort(first, last, [](const Name& a, const Name& b) {
      if (a.hash != b.hash) return a.hash < b.hash;
      if (a.size != b.size) return a.size < b.size;
      return std::memcmp(a.text, b.text, a.size) < 0;
    });
    const Name* const twice = std::adjacent_find(first, last, same);
    if (twice != last)
      repeated = std::max(twice[0].spelled, twice[1].spelled, [](auto a, auto b) { return a.data() < b.data(); });
  }
  names_.resize(starts_.back());
  starts_.pop_back();
  return repeated;
}

std::optional<std::size_t> find_invalid_utf8(std::string_view text) noexcept {
  if (simdjson::validate_utf8(text.data(), text.size())) return std::nullopt;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at < end) {
    const std::size_t length = sequence_length(at, end);
    if (length == 0) break;
    at += length;
  }
  return static_cast<std::size_t>(at - text.data());
}

std::string valid_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 16);
  const char* const end = text.data() + text.size();
  for (const char* at = text.data(); at < end;) {
    const std::size_t length = sequence_length(at, end);
    if (length == 0)
      out += "\xef\xbf\xbd";
    else
      out.append(at, length);
    at += std::max<std::size_t>(length, 1);
  }
  return out;
}

namespace {

/// Which of the eight bytes of `word` do not stand for themselves in a JSON string, or are not ASCII. Only the lowest
/// set bit is reliable, and marks the first of them (a borrow of the subtraction shows only above it).
std::uint64_t not_plain(std::uint64_t word) noexcept {
  constexpr std::uint64_t ones = 0x0101010101010101;
  constexpr std::uint64_t tops = 0x8080808080808080;
  const auto zeros = [](std::uint64_t of) { return (of - ones) & ~of; };
  const std::uint64_t controls = (word - ones * 0x20) & ~word;
  return (word | controls | zeros(word ^ ones * '"') | zeros(word ^ ones * '\\')) & tops;
}

/// How many of the next bytes are ASCII that stands for itself in a JSON string. Eight bytes a step; the last step
/// overlaps the one before.
std::size_t plain_length(const char* const begin, const char* const end) noexcept {
  const char* at = begin;
  std::uint64_t word = 0;
  if (end - begin >= 8) {
    for (;; at = std::min(at + 8, end - 8)) {
      std::memcpy(&word, at, 8);
      if (const std::uint64_t others = not_plain(word); others != 0)
        return static_cast<std::size_t>(at - begin + std::countr_zero(others) / 8);
      if (at == end - 8) return static_cast<std::size_t>(end - begin);
    }
  }
  if (end - begin >= 4) {
    std::memcpy(&word, begin, 4);
    std::memcpy(reinterpret_cast<char*>(&word) + 4, end - 4, 4);
    if (not_plain(word) == 0) return static_cast<std::size_t>(end - begin);
  }
  while (at < end && *at >= 0x20 && *at <= 0x7e && *at != '"' && *at != '\\') ++at;
  return static_cast<std::size_t>(at - begin);
}

}  // namespace

void append_json_string(Buffer& out, std::string_view text) {
  if (plain_length(text.data(), text.data() + text.size()) < text.size()) {
    std::string escaped;
    append_json_string(escaped, text);
    return out.append(escaped);
  }
  out.make_room(text.size() + 2);
  char* at = out.tail();
  *at++ = '"';
  if (!text.empty()) std::memcpy(at, text.data(), text.size());
  at[text.size()] = '"';
  out.commit(text.size() + 2);
}

void append_json_escaped(std::string& out, std::string_view text) {
  static constexpr std::array<char, 16> digits{'0', '1', '2', '3', '4', '5', '6', '7',
                                               '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'};
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at < end) {
    if (const std::size_t plain = plain_length(at, end); plain > 0) {
      out.append(at, plain);
      at += plain;
      continue;
    }
    const auto byte = static_cast<unsigned char>(*at);
    const std::size_t length = sequence_length(at, end);
    if (length == 0) {
      out += "\xef\xbf\xbd";
    } else if (byte < 0x20) {
      switch (byte) {
        case '\n': out += "\\n"; break;
        case '\r': out += "\\r"; break;
        case '\t': out += "\\t"; break;
        default:
          out += "\\u00";
          out += digits[byte >> 4];
          out += digits[byte & 15];
      }
    } else {
      if (byte == '"' || byte == '\\') out += '\\';
      out.append(at, length);
    }
    at += std::max<std::size_t>(length, 1);
  }
}

void append_json_string(std::string& out, std::string_view text) {
  out.reserve(out.size() + text.size() + 2);
  out += '"';
  append_json_escaped(out, text);
  out += '"';
}

}  // namespace triage
