#include "base/ascii.hpp"
#include "base/byte_scan.hpp"
#include "json/json.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

// RFC 8259:
//   value  = object / array / string / number / true / false / null
//   object = { [ string : value *( , string : value ) ] }      array = [ [ value *( , value ) ] ]
//   number = [ - ] ( 0 / 1-9 *DIGIT ) [ . 1*DIGIT ] [ ( e / E ) [ + / - ] 1*DIGIT ]
//   string = " *( unescaped / \ ( " \ / b f n r t / u 4HEX ) ) "      white space = space, HT, LF, CR
// No recursion: each open container is one bit, and `fresh_` tells a container's start from the end of an item.

namespace triage {
namespace {

bool is_hex(char c) noexcept {
  return hex_value(c) >= 0;
}

constexpr std::array<std::uint8_t, 256> escape_sizes = [] {
  std::array<std::uint8_t, 256> out{};
  for (const unsigned char c : {'"', '\\', '/', 'b', 'f', 'n', 'r', 't'}) out[c] = 2;
  out['u'] = 6;
  return out;
}();

// The size of the escape at `at`; 0: not an escape. Reads at most 5 bytes past it.
[[gnu::always_inline]] inline std::ptrdiff_t escape_size(const char* at) noexcept {
  const std::uint8_t size = escape_sizes[static_cast<unsigned char>(at[1])];
  return size != 6 || (is_hex(at[2]) && is_hex(at[3]) && is_hex(at[4]) && is_hex(at[5])) ? size : 0;
}

const char* skip_digits(const char* at, const char* end) noexcept {
  while (at < end && is_digit(*at)) ++at;
  return at;
}

}  // namespace

JsonReader::JsonReader(std::string_view text, std::uint32_t depth_max, JsonNames* names)
    : begin_(text.data()),
      end_(text.data() + text.size()),
      at_(text.data()),
      names_(names),
      depth_max_(std::min(depth_max, depth_limit)) {}

char JsonReader::peek_behind_blanks() noexcept {
  while (at_ < end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
  return at_ < end_ ? *at_ : '\0';
}

bool JsonReader::fail(const char* at, const char* text, Problem problem) noexcept {
  if (!failed()) {
    problem_ = problem;
    problem_text_ = text;
    problem_offset_ = static_cast<std::size_t>(at - begin_);
  }
  return false;
}

bool JsonReader::unexpected(const char* wanted) noexcept {
  return fail(at_, at_ < end_ ? wanted : "it ends too early");
}

JsonReader::Kind JsonReader::kind() noexcept {
  const char c = peek();
  switch (c) {
    case '{': return Kind::object;
    case '[': return Kind::array;
    case '"': return Kind::string;
    case 't':
    case 'f': return Kind::boolean;
    case 'n': return Kind::null;
    default: return c == '-' || is_digit(c) ? Kind::number : Kind::invalid;
  }
}

bool JsonReader::enter(bool object) {
  if (failed()) return false;
  if (peek() != (object ? '{' : '[')) return unexpected(object ? "expected an object" : "expected an array");
  if (depth_ >= depth_max_) return fail(at_, "it is nested too deeply", Problem::depth);
  ++at_;
  ++depth_;
  const std::uint64_t bit = std::uint64_t{1} << (depth_ % 64);
  if (object)
    objects_[depth_ / 64] |= bit;
  else
    objects_[depth_ / 64] &= ~bit;
  if (object && names_) names_->open();
  fresh_ = true;
  return true;
}

bool JsonReader::leave() {
  if (names_ && in_object()) {
    if (const auto repeated = names_->close()) {
      repeated_name_ = *repeated;
      return fail(repeated->data(), "a name comes twice in one object", Problem::repeated_name);
    }
  }
  ++at_;
  --depth_;
  fresh_ = false;
  return false;
}

bool JsonReader::enter_object() {
  return enter(true);
}

bool JsonReader::enter_array() {
  return enter(false);
}

bool JsonReader::next_name(JsonString& name) {
  if (failed()) return false;
  const char c = peek();
  if (c == '}') return leave();
  if (!fresh_) {
    if (c != ',') return unexpected("expected ',' or '}'");
    ++at_;
  }
  if (peek() != '"') return unexpected(fresh_ ? "expected a name in quotes or '}'" : "expected a name in quotes");
  if (!string(name)) return false;
  if (names_) names_->add(name);
  if (peek() != ':') return unexpected("expected ':'");
  ++at_;
  fresh_ = false;
  return true;
}

bool JsonReader::next_element() {
  if (failed()) return false;
  const char c = peek();
  if (c == ']') return leave();
  if (!fresh_) {
    if (c != ',') return unexpected("expected ',' or ']'");
    ++at_;
  }
  fresh_ = false;
  return true;
}

bool JsonReader::end_string(JsonString& out, const char* first, const char* quote, bool escaped) noexcept {
  out.raw = {first, static_cast<std::size_t>(quote - first)};
  out.escaped = escaped;
  at_ = quote + 1;
  return true;
}

bool JsonReader::string(JsonString& out) {
  if (failed()) return false;
  if (peek() != '"') return unexpected("expected a string");
  const char* const first = at_ + 1;
  // Most strings are names and short values.
  const char* const stop = first + std::countr_zero(byte_scan::string_stops<Narrow>(first) | 1U << 16);
  if (stop < end_ && *stop == '"') return end_string(out, first, stop, false);
  return long_string(out, first);
}

// A block is read once, however many escapes it has: the bytes that an escape covers are cleared from the block's mask.
template <class Width>
[[gnu::always_inline]] inline bool JsonReader::long_string_blocks(JsonString& out, const char* first) {
  bool escaped = false;
  for (const char* block = first; block < end_;) {
    const char* next = block + 64;
    for (std::uint64_t stops = byte_scan::string_stops_64<Width>(block); stops != 0;) {
      const char* const at = block + std::countr_zero(stops);
      if (at >= end_) break;
      if (*at == '"') return end_string(out, first, at, escaped);
      if (*at != '\\') return fail(at, "a control character in a string must be escaped");
      escaped = true;
      const char* const behind = at + escape_size(at);
      if (behind == at)
        return fail(at, end_ - at < 6 ? "it ends inside a string or an escape is wrong" : "an escape is wrong");
      if (behind >= next) {
        next = behind;
        break;
      }
      stops &= ~std::uint64_t{0} << (behind - block);
    }
    block = next;
  }
  return fail(end_, "it ends inside a string");
}

bool JsonReader::long_string(JsonString& out, const char* first) {
  return with_widest_blocks([&]<class Width>()
                                __attribute__((always_inline)) { return long_string_blocks<Width>(out, first); });
}

bool JsonReader::number(std::string_view& spelled) {
  if (failed()) return false;
  peek();
  const char* at = at_;
  if (at < end_ && *at == '-') ++at;
  if (at >= end_ || !is_digit(*at)) return unexpected("expected a number");
  if (*at == '0')
    ++at;
  else
    at = skip_digits(at, end_);
  if (at < end_ && *at == '.') {
    const char* const fraction = ++at;
    at = skip_digits(at, end_);
    if (at == fraction) return fail(at, "a number has no digit after '.'");
  }
  if (at < end_ && (*at | 0x20) == 'e') {
    ++at;
    if (at < end_ && (*at == '+' || *at == '-')) ++at;
    const char* const exponent = at;
    at = skip_digits(at, end_);
    if (at == exponent) return fail(at, "a number has no digit in its exponent");
  }
  if (at < end_ && is_digit(*at)) return fail(at_, "a number starts with 0");
  spelled = {at_, static_cast<std::size_t>(at - at_)};
  at_ = at;
  return true;
}

bool JsonReader::literal(std::string_view word) {
  if (static_cast<std::size_t>(end_ - at_) < word.size() || std::memcmp(at_, word.data(), word.size()) != 0)
    return fail(at_, "expected a value");
  at_ += word.size();
  return true;
}

bool JsonReader::boolean(bool& out) {
  if (failed()) return false;
  const char c = peek();
  if (c != 't' && c != 'f') return unexpected("expected true or false");
  out = c == 't';
  return literal(out ? "true" : "false");
}

bool JsonReader::null() {
  if (failed()) return false;
  if (peek() != 'n') return unexpected("expected null");
  return literal("null");
}

bool JsonReader::skip() {
  const std::uint32_t outer = depth_;
  JsonString text;
  std::string_view digits;
  bool truth = false;
  for (;;) {
    switch (kind()) {
      case Kind::object: enter_object(); break;
      case Kind::array: enter_array(); break;
      case Kind::string: string(text); break;
      case Kind::number: number(digits); break;
      case Kind::boolean: boolean(truth); break;
      case Kind::null: null(); break;
      case Kind::invalid: unexpected("expected a value"); break;
    }
    while (!failed() && depth_ > outer)
      if (in_object() ? next_name(text) : next_element()) break;
    if (failed()) return false;
    if (depth_ == outer) return true;
  }
}

bool JsonReader::skip_unchecked() {
  if (failed()) return false;
  const Kind first = kind();
  if (first != Kind::object && first != Kind::array) return skip();
  std::size_t open = 0;
  do {
    at_ = byte_scan::find_structure(at_, end_);
    if (at_ == end_) return fail(end_, "it ends too early");
    JsonString text;
    switch (*at_) {
      case '"':
        if (!string(text)) return false;
        continue;
      case '{':
      case '[': ++open; break;
      default: --open; break;
    }
    ++at_;
  } while (open > 0);
  return true;
}

bool JsonReader::finish() {
  if (failed()) return false;
  peek();
  if (at_ != end_) return fail(at_, "something follows the value");
  return true;
}

std::size_t JsonReader::value_offset() noexcept {
  peek();
  return offset();
}

}  // namespace triage
