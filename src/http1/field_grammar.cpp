// A field section (RFC 9112, 5):
//
//   field-line   = field-name ":" OWS field-value OWS CRLF      obs-fold (a line that starts with SP or HTAB) refused
//   field-name   = 1*tchar
//   field-value  = *( VCHAR / SP / HTAB / obs-text )
//   section      = *field-line CRLF
//
//   line_start -tchar-> name -":"-> before_value -not OWS-> value -CR-> line_feed -LF-> line_start
//       \-CR-> last_line_feed -LF-> end

#include "http1/field_grammar.hpp"

#include "base/byte_scan.hpp"
#include "http1/hop_by_hop.hpp"
#include "triage/message.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>
#include <limits>

namespace triage::grammar {
namespace {

constexpr std::array<std::uint8_t, 256> make_classes() {
  std::array<std::uint8_t, 256> table{};
  const auto add = [&table](std::string_view bytes, ByteClass what) {
    for (const char byte : bytes) table[static_cast<unsigned char>(byte)] |= what;
  };
  for (unsigned byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    if (byte >= 0x20 && byte != 0x7f) table[byte] |= value_byte;
    if (byte > 0x20 && byte < 0x7f) table[byte] |= visible_byte;
    if (byte > 0x20 && byte < 0x7f && c != '#') table[byte] |= target_byte;
    if (byte >= 0x20 && byte != 0x7f && c != '"' && c != '\\') table[byte] |= quoted_byte;
    if (is_alphanumeric(c)) table[byte] |= token_byte | host_byte;
  }
  add("\t", value_byte);
  add("\t", quoted_byte);
  add("!#$%&'*+-.^_`|~", token_byte);
  add("-._~", host_byte);         // unreserved
  add("!$&'()*+,;=", host_byte);  // sub-delims
  return table;
}

/// First offset in [at, end) whose byte is not `wanted`, or `end`. Whole blocks first, so that nothing past `end` is
/// read; `wanted` decides about the rest, and where `stops` is too coarse.
template <class Stops>
std::size_t skip(const char* bytes, std::size_t at, std::size_t end, ByteClass wanted, Stops stops) noexcept {
  constexpr std::size_t block_size = sizeof(ByteBlock);
  while (end - at >= block_size) {
    const char* const blocks_end = bytes + at + (end - at) / block_size * block_size;
    at = static_cast<std::size_t>(byte_scan::find(bytes + at, blocks_end, stops) - bytes);
    if (bytes + at == blocks_end) break;
    if (!is(bytes[at], wanted)) return at;
    ++at;
  }
  while (at < end && is(bytes[at], wanted)) ++at;
  return at;
}

/// Which bytes of a block are no value_byte, and which are no visible_byte.
constexpr auto no_value = [](ByteBlock block) { return ((block < 0x20) & (block != '\t')) | (block == 0x7f); };
constexpr auto not_visible = [](ByteBlock block) { return (block <= 0x20) | (block >= 0x7f); };

/// Whether no byte of `text` is one of `stops`, which are those that are not `wanted`. Reads some bytes twice, and none
/// outside of `text`.
template <class Stops>
bool all_are(std::string_view text, ByteClass wanted, Stops stops) noexcept {
  constexpr std::size_t block_size = sizeof(ByteBlock);
  constexpr std::size_t half = block_size / 2;
  if (text.size() < half) return std::ranges::all_of(text, [wanted](char c) { return is(c, wanted); });
  const char* const end = text.data() + text.size();
  if (text.size() < block_size) {
    ByteBlock both;
    std::memcpy(&both, text.data(), half);
    std::memcpy(reinterpret_cast<char*>(&both) + half, end - half, half);
    return bits_of(stops(both)) == 0;
  }
  for (const char* at = text.data(); at + block_size < end; at += block_size)
    if (bits_of(stops(load_block(at))) != 0) return false;
  return bits_of(stops(load_block(end - block_size))) == 0;
}

/// First offset in [at, end) that is not a value_byte, or `end`.
std::size_t skip_value(const char* bytes, std::size_t at, std::size_t end) noexcept {
  return skip(bytes, at, end, value_byte, no_value);
}

/// First offset in [at, end) that is not a token_byte, or `end`.
std::size_t skip_token(const char* bytes, std::size_t at, std::size_t end) noexcept {
  return skip(bytes, at, end, token_byte, [](ByteBlock block) {
    const ByteBlock letter = (block | 0x20) - 'a';
    const ByteBlock digit = block - '0';
    return (letter > 25) & (digit > 9) & (block != '-');
  });
}

bool valid_ip_literal(std::string_view inner) noexcept {
  if (!inner.empty() && (inner.front() | 0x20) == 'v') {  // IPvFuture
    const std::size_t dot = inner.find('.');
    if (dot == std::string_view::npos || dot < 2 || dot + 1 == inner.size()) return false;
    return std::ranges::all_of(inner.substr(1, dot - 1), [](char c) { return hex_value(c) >= 0; }) &&
           std::ranges::all_of(inner.substr(dot + 1), [](char c) { return is(c, host_byte) || c == ':'; });
  }
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (inner.size() >= text.size()) return false;
  std::ranges::copy(inner, text.begin());
  in6_addr address{};
  return ::inet_pton(AF_INET6, text.data(), &address) == 1;
}

/// Length of the reg-name or IPv4address that `text` starts with.
std::size_t reg_name_size(std::string_view text) noexcept {
  std::size_t at = 0;
  while (at < text.size()) {
    if (is(text[at], host_byte)) {
      ++at;
    } else if (text[at] == '%' && at + 2 < text.size() && hex_value(text[at + 1]) >= 0 &&
               hex_value(text[at + 2]) >= 0) {
      at += 3;
    } else {
      break;
    }
  }
  return at;
}

bool is_token(std::string_view text) noexcept {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return is(c, token_byte); });
}

}  // namespace

constinit const std::array<std::uint8_t, 256> byte_classes = make_classes();

std::string spell(char byte) {
  constexpr std::string_view digits = "0123456789abcdef";
  const auto value = static_cast<unsigned char>(byte);
  return {'0', 'x', digits[value >> 4], digits[value & 15]};
}

std::string quote(std::string_view text) {
  constexpr std::size_t shown_max = 40;
  std::string quoted = "\"";
  for (const char byte : text.substr(0, shown_max)) {
    if (byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\') {
      quoted += byte;
    } else {
      quoted += '\\';
      quoted += spell(byte).substr(1);
    }
  }
  return quoted + (text.size() > shown_max ? "...\"" : "\"");
}

std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

bool valid_value(std::string_view text) noexcept {
  return all_are(text, value_byte, no_value);
}

bool visible(std::string_view text) noexcept {
  return all_are(text, visible_byte, not_visible);
}

std::optional<std::uint64_t> content_length(std::string_view value) noexcept {
  constexpr std::size_t digits_max = 18;  // fits in 63 bits, so no addition to it can overflow
  if (value.empty() || value.size() > digits_max) return std::nullopt;
  std::uint64_t length = 0;
  for (const char byte : value) {
    if (!is_digit(byte)) return std::nullopt;
    length = length * 10 + static_cast<std::uint64_t>(byte - '0');
  }
  return length;
}

bool valid_host(std::string_view authority) noexcept {
  std::size_t host_end = 0;
  if (authority.starts_with('[')) {
    const std::size_t close = authority.find(']');
    if (close == std::string_view::npos || !valid_ip_literal(authority.substr(1, close - 1))) return false;
    host_end = close + 1;
  } else {
    host_end = reg_name_size(authority);
    if (host_end == 0) return false;
  }
  const std::string_view rest = authority.substr(host_end);
  return rest.empty() || (rest.front() == ':' && std::ranges::all_of(rest.substr(1), is_digit));
}

std::optional<std::string_view> port_of(std::string_view authority) noexcept {
  const std::size_t colon = authority.rfind(':');
  if (colon == std::string_view::npos || authority.find(']', colon) != std::string_view::npos) return std::nullopt;
  return authority.substr(colon + 1);
}

Name name_of(std::string_view name) noexcept {
  switch (name.size()) {
    case 4: return iequals(name, "host") ? Name::host : Name::other;
    case 6: return iequals(name, "expect") ? Name::expect : Name::other;
    case 10: return iequals(name, "connection") ? Name::connection : Name::other;
    case 14: return iequals(name, "content-length") ? Name::content_length : Name::other;
    case 17: return iequals(name, "transfer-encoding") ? Name::transfer_encoding : Name::other;
    default: return Name::other;
  }
}

bool forbidden_in_trailer(std::string_view name) noexcept {
  static constexpr std::array<std::string_view, 8> forbidden{
      "cookie",        "set-cookie",       "max-forwards",     "authorization",
      "content-range", "content-encoding", "www-authenticate", "proxy-authorization"};
  static_assert(forbidden.back().size() == forbidden_name_bytes_max);
  return is_of_the_sender(name) ||
         std::ranges::any_of(forbidden, [name](std::string_view known) { return iequals(name, known); });
}

void TransferCodings::add_line(std::string_view value) noexcept {
  for_each_element(value, [this](std::string_view coding) {
    ++codings_;
    last_is_chunked_ = iequals(coding, "chunked");
    if (last_is_chunked_) ++chunked_;
    if (!is_token(coding)) malformed_ = true;
  });
}

TransferCodings::Verdict TransferCodings::verdict() const noexcept {
  if (codings_ == 0) return Verdict::absent;
  if (malformed_ || !last_is_chunked_ || chunked_ != 1) return Verdict::invalid;
  return codings_ == 1 ? Verdict::chunked : Verdict::unsupported;
}

void ConnectionOptions::add_line(std::string_view value) noexcept {
  for_each_element(value, [this](std::string_view option) {
    if (iequals(option, "close")) close = true;
    if (iequals(option, "keep-alive")) keep_alive = true;
  });
}

void FieldScanner::begin(std::size_t at, const HeadLimits& limits) noexcept {
  constexpr std::size_t offset_max = std::numeric_limits<std::uint32_t>::max();  // FieldSpan's width
  state_ = State::line_start;
  at_ = at;
  bytes_max_ = limits.fields_bytes;
  bytes_end_ = at + std::min(limits.fields_bytes, offset_max - std::min(at, offset_max));
  fields_max_ = limits.fields;
  spans_.clear();
}

FieldScanner::Step FieldScanner::next(std::string_view data) {
  const char* const bytes = data.data();
  const std::size_t end = std::min(data.size(), bytes_end_);  // no field line may go beyond
  const auto out_of_bytes = [&] { return at_ < data.size() ? fail_bytes() : Step::need_more; };
  for (;;) {
    switch (state_) {
      case State::line_start: {
        if (at_ >= data.size()) return Step::need_more;
        const char byte = bytes[at_];
        if (byte == '\r') {
          state_ = State::last_line_feed, ++at_;
          break;
        }
        if (at_ >= bytes_end_) return fail_bytes();
        if (spans_.size() >= fields_max_)
          return fail(Step::too_large, "more than " + std::to_string(fields_max_) + " fields");
        if (!is(byte, token_byte)) return fail_name(byte);
        current_.name = static_cast<std::uint32_t>(at_);
        state_ = State::name;
        [[fallthrough]];
      }
      case State::name:
        at_ = skip_token(bytes, at_, end);
        if (at_ == end) return out_of_bytes();
        current_.name_size = static_cast<std::uint32_t>(at_) - current_.name;
        if (bytes[at_] != ':') return fail_name(bytes[at_]);
        ++at_;
        state_ = State::before_value;
        [[fallthrough]];
      case State::before_value:
        while (at_ < end && is_blank(bytes[at_])) ++at_;
        if (at_ == end) return out_of_bytes();
        current_.value = static_cast<std::uint32_t>(at_);
        state_ = State::value;
        [[fallthrough]];
      case State::value:
        at_ = skip_value(bytes, at_, end);
        if (at_ == end) return out_of_bytes();
        if (bytes[at_] != '\r') return fail_value(bytes[at_]);
        value_end_ = at_++;
        state_ = State::line_feed;
        [[fallthrough]];
      case State::line_feed:
        if (at_ == end) return out_of_bytes();
        if (bytes[at_] != '\n') return fail(Step::malformed, "a CR without LF in a field; end lines with CRLF");
        ++at_;
        while (value_end_ > current_.value && is_blank(bytes[value_end_ - 1])) --value_end_;
        current_.value_size = static_cast<std::uint32_t>(value_end_) - current_.value;
        spans_.push_back(current_);
        state_ = State::line_start;
        return Step::line;
      case State::last_line_feed:
        if (at_ >= data.size()) return Step::need_more;
        if (bytes[at_] != '\n')
          return fail(Step::malformed, "a CR without LF at the end of the head; end lines with CRLF");
        ++at_;
        return Step::end;
    }
  }
}

FieldScanner::Step FieldScanner::fail(Step step, std::string fault) {
  fault_ = std::move(fault);
  return step;
}

FieldScanner::Step FieldScanner::fail_bytes() {
  return fail(Step::too_large, "more than " + std::to_string(bytes_max_) + " bytes of fields");
}

FieldScanner::Step FieldScanner::fail_name(char byte) {
  const bool at_start = state_ == State::line_start;
  if (byte == '\n') return fail(Step::malformed, "an LF without CR in a field; end lines with CRLF");
  if (is_blank(byte) && at_start)
    return fail(Step::malformed, "a field line that starts with white space (obs-fold); write each field on one line");
  if (is_blank(byte))
    return fail(Step::malformed, "white space in or after a field name; put the colon right behind it");
  if (byte == '\r') return fail(Step::malformed, "a field line without colon");
  if (byte == ':' && at_start) return fail(Step::malformed, "a field without name");
  return fail(Step::malformed, "the byte " + spell(byte) + " in a field name; names are tokens");
}

FieldScanner::Step FieldScanner::fail_value(char byte) {
  if (byte == '\n') return fail(Step::malformed, "an LF without CR in a field; end lines with CRLF");
  return fail(Step::malformed, "the control byte " + spell(byte) + " in a field value");
}

}  // namespace triage::grammar
