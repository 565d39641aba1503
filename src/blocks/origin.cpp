#include "blocks/origin.hpp"

#include "base/ascii.hpp"
#include "base/hash.hpp"

#include <algorithm>
#include <cstring>

namespace triage {
namespace {

constexpr std::string_view magic = "tRiAge";
constexpr std::size_t mark_bytes = magic.size() + 2 + std::tuple_size_v<decltype(Origin::print)>;
static_assert(mark_bytes % 4 == 0, "so that mark and payload are base64 together");

constexpr std::string_view standard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

enum Spelling : char { in_standard = 's', in_url = 'u', encoded = 'e' };

// RFC 4648, both alphabets; -1: neither.
int value_of(char c) noexcept {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (is_digit(c)) return c - '0' + 52;
  return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

std::string encode(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k)
      bits = bits << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k) out += i + k > bytes.size() ? '=' : standard[bits >> (18 - 6 * k) & 63];
  }
  return out;
}

std::string decode(std::string_view text) {
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const int value = value_of(c);
    if (value < 0) continue;
    bits = (bits << 6 | static_cast<std::uint32_t>(value)) & 0xffffff;
    if ((count += 6) < 8) continue;
    count -= 8;
    out += static_cast<char>(bits >> count & 0xff);
  }
  return out;
}

// Whether decoding and encoding gives the same text: base64 with its padding, in one alphabet, no bit set that is lost.
bool is_canonical(std::string_view text) noexcept {
  if (text.size() % 4 != 0) return false;
  const std::size_t padding = text.size() - (text.find_last_not_of('=') + 1);
  if (padding > 2) return false;
  text.remove_suffix(padding);
  if (std::ranges::any_of(text, [](char c) { return value_of(c) < 0; })) return false;
  if (text.find_first_of("+/") != std::string_view::npos && text.find_first_of("-_") != std::string_view::npos)
    return false;
  const int lost = padding == 0 ? 0 : padding == 1 ? 3 : 15;
  return padding == 0 || (value_of(text.back()) & lost) == 0;
}

std::optional<WireForm> form_of(char letter) noexcept {
  for (std::size_t i = 0; i < words<WireForm>.size(); ++i)
    if (words<WireForm>[i].front() == letter) return static_cast<WireForm>(i);
  return std::nullopt;
}

// In one alphabet, whichever the client wrote.
std::string in_alphabet(std::string_view text, bool url) {
  std::string out(text);
  for (char& c : out) {
    if (c == '+' || c == '-') c = url ? '-' : '+';
    if (c == '/' || c == '_') c = url ? '_' : '/';
  }
  return out;
}

}  // namespace

Origin origin_of(WireForm form, std::string_view provider, std::string_view model) {
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz234567";
  Origin out{form, {}};
  std::uint64_t hash = stable_hash64(model, stable_hash64(provider));
  for (char& letter : out.print) {
    letter = letters[hash % letters.size()];
    hash /= letters.size();
  }
  return out;
}

std::string marked(std::string_view text, const Origin& origin) {
  const bool canonical = is_canonical(text);
  const bool url = text.find_first_of("-_") != std::string_view::npos;
  std::string out(magic);
  out += word(origin.form).front();
  out += canonical ? (url ? in_url : in_standard) : encoded;
  out.append(origin.print.data(), origin.print.size());
  return canonical ? out.append(text) : out.append(encode(text));
}

std::optional<Unmarked> unmarked(std::string_view text) {
  if (text.size() < mark_bytes || !text.starts_with(magic)) return std::nullopt;
  const auto form = form_of(text[magic.size()]);
  const char spelling = text[magic.size() + 1];
  if (!form || (spelling != in_standard && spelling != in_url && spelling != encoded)) return std::nullopt;
  Unmarked out{{*form, {}}, {}};
  std::copy_n(text.begin() + magic.size() + 2, out.origin.print.size(), out.origin.print.begin());
  text.remove_prefix(mark_bytes);
  out.text = spelling == encoded ? decode(text) : in_alphabet(text, spelling == in_url);
  return out;
}

bool holds_mark(std::string_view body) noexcept {
  constexpr std::size_t rare = 1;  // text has few upper-case letters, and memchr() reads 32 bytes at a time
  static_assert(magic[rare] == 'R');
  for (std::size_t at = rare; at < body.size(); ++at) {
    const void* const found = std::memchr(body.data() + at, magic[rare], body.size() - at);
    if (found == nullptr) return false;
    at = static_cast<std::size_t>(static_cast<const char*>(found) - body.data());
    if (body.substr(at - rare).starts_with(magic)) return true;
  }
  return false;
}

}  // namespace triage
