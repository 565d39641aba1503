#include "ledger/line.hpp"

#include "base/ascii.hpp"
#include "base/crc32c.hpp"
#include "base/text.hpp"

#include <charconv>

namespace triage::ledger {
namespace {

constexpr std::string_view crc_member = ",\"crc32c\":\"";
constexpr std::string_view seq_member = ",\"seq\":";
constexpr std::string_view object_end = "\"}";
constexpr std::size_t crc_digits = 8;
constexpr std::size_t crc_part = crc_member.size() + crc_digits + object_end.size();
// How every line begins. No text inside a record can contain it, because quotes are escaped there.
constexpr std::string_view record_begin = "{\"v\":";

void append_hex(std::string& out, std::uint32_t value) {
  for (int shift = 28; shift >= 0; shift -= 4) out += "0123456789abcdef"[value >> shift & 15];
}

std::optional<std::uint32_t> parse_hex(std::string_view text) noexcept {
  std::uint32_t value = 0;
  for (const char c : text) {
    if (hex_value(c) < 0 || is_upper(c)) return std::nullopt;
    value = value << 4 | static_cast<std::uint32_t>(hex_value(c));
  }
  return value;
}

std::optional<std::uint64_t> parse_seq(std::string_view covered) noexcept {
  const std::size_t before = covered.find_last_not_of("0123456789");
  if (before == std::string_view::npos || !covered.substr(0, before + 1).ends_with(seq_member)) return std::nullopt;
  std::uint64_t seq = 0;
  const auto [end, error] = std::from_chars(covered.data() + before + 1, covered.data() + covered.size(), seq);
  if (error != std::errc{} || end != covered.data() + covered.size()) return std::nullopt;
  return seq;
}

}  // namespace

void append_line(std::string& out, std::string_view body, std::uint64_t seq) {
  append_line(out, Ring::Frame{seq, body, {}, 0}, seq);
}

void append_line(std::string& out, const Ring::Frame& frame, std::uint64_t seq) {
  const std::size_t begin = out.size();
  out += frame.first;
  out += frame.second;
  out += seq_member;
  append_number(out, seq);
  const std::uint32_t crc = crc32c(std::string_view(out).substr(begin));
  out += crc_member;
  append_hex(out, crc);
  out += "\"}\n";
}

std::optional<Line> read_line(std::string_view text) noexcept {
  if (text.size() <= crc_part || text.front() != '{' || !text.ends_with(object_end)) return std::nullopt;
  const std::string_view covered = text.substr(0, text.size() - crc_part);
  const std::string_view rest = text.substr(covered.size());
  if (!rest.starts_with(crc_member)) return std::nullopt;
  const auto crc = parse_hex(rest.substr(crc_member.size(), crc_digits));
  if (!crc || *crc != crc32c(covered)) return std::nullopt;
  const auto seq = parse_seq(covered);
  if (!seq) return std::nullopt;
  return Line{text, *seq};
}

bool LineScanner::next(Line& out) {
  while (at_ < text_.size()) {
    const std::size_t newline = text_.find('\n', at_);
    if (newline == std::string_view::npos && !last_) return false;
    if (next_piece(std::min(newline, text_.size()), newline != std::string_view::npos, out)) return true;
  }
  return false;
}

// Consumes the line up to `end`, or the part before another record begins.
bool LineScanner::next_piece(std::size_t end, bool ends_with_newline, Line& out) {
  const std::string_view whole = text_.substr(at_, end - at_);
  const std::size_t behind = end + (ends_with_newline ? 1 : 0);
  if (const auto line = read_line(whole)) {
    at_ = behind;
    out = *line;
    return true;
  }
  const std::size_t inner = whole.find(record_begin, 1);
  if (inner == std::string_view::npos) {
    at_ = behind;
    if (!ends_with_newline)
      torn_ = true;
    else if (!whole.empty())
      ++damaged_;
    return false;
  }
  at_ += inner;
  const std::string_view piece = whole.substr(0, inner);
  const std::size_t object = piece.rfind(object_end);
  if (object != std::string_view::npos) {
    if (const auto line = read_line(piece.substr(0, object + object_end.size()))) {
      out = *line;
      return true;
    }
  }
  ++damaged_;
  return false;
}

}  // namespace triage::ledger
