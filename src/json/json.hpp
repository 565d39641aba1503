#pragma once
// JSON (RFC 8259) read in place: a strict pull reader that copies and allocates nothing, for messages whose bytes are
// passed on and of which only a few members matter. Its grammar is exact, numbers keep their spelling, errors have an
// offset. (simdjson's on-demand parser does not check what is not asked for, refuses numbers that do not fit a double
// or 64 bits, and keeps an index four times the body's size.)

#include "base/buffer.hpp"
#include "triage/json_string.hpp"

#include <cstddef>
#include <cstdint>
#include <forward_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace triage {

/// The names in the open objects, to find duplicates. Linear for small objects, n log n for large ones.
class JsonNames {
 public:
  void clear();
  void open() { starts_.push_back(names_.size()); }
  void add(const JsonString& name);
  /// Closes the innermost object. Returns a name that occurs twice in it, if any.
  std::optional<std::string_view> close();

 private:
  struct Name {
    const char* text;  // unescaped
    std::uint32_t size;
    std::uint32_t hash;
    std::string_view spelled;
  };
  static bool same(const Name& a, const Name& b) noexcept;
  std::vector<Name> names_;
  std::vector<std::size_t> starts_;
  std::forward_list<std::string> unescaped_;
};

/// Pulls values out of `text`, which must be followed by body_padding readable bytes. After the first error every call
/// returns false and nothing moves. It does not check UTF-8: see find_invalid_utf8().
///   JsonReader in(text); JsonString name;
///   if (in.enter_object()) while (in.next_name(name)) name.is("x") ? in.string(x) : in.skip();
///   if (!in.finish()) in.problem_text(), in.problem_offset()
class JsonReader {
 public:
  enum class Kind : std::uint8_t { object, array, string, number, boolean, null, invalid };
  enum class Problem : std::uint8_t { none, syntax, depth, repeated_name };
  static constexpr std::uint32_t depth_limit = 1024;

  /// A `depth_max` above depth_limit counts as depth_limit. With `names`, a duplicate name in one object is an error.
  explicit JsonReader(std::string_view text, std::uint32_t depth_max = depth_limit, JsonNames* names = nullptr);

  /// The kind of the next value, by its first byte.
  Kind kind() noexcept;

  /// Enters the next value, an object. Then next_name() goes from member to member; each value must be consumed.
  bool enter_object();
  /// False at the object's end, which it consumes, and on errors.
  bool next_name(JsonString& name);
  bool enter_array();
  bool next_element();

  // These consume one value. A value of another kind is an error.
  bool string(JsonString& out);
  bool number(std::string_view& spelled);
  bool boolean(bool& out);
  bool null();

  /// Consumes one value of any kind, checking all of it.
  bool skip();
  /// Consumes one value quickly: checks only strings and the balance of brackets.
  bool skip_unchecked();

  /// True if nothing failed and only white space is left.
  bool finish();

  [[nodiscard]] bool failed() const noexcept { return problem_ != Problem::none; }
  [[nodiscard]] Problem problem() const noexcept { return problem_; }
  /// What is wrong, as a phrase: "expected ':'".
  [[nodiscard]] std::string_view problem_text() const noexcept { return problem_text_; }
  [[nodiscard]] std::size_t problem_offset() const noexcept { return problem_offset_; }
  /// The duplicate name, as spelled.
  [[nodiscard]] std::string_view repeated_name() const noexcept { return repeated_name_; }

  /// Offset of the next value (white space skipped), or just behind what was consumed last.
  std::size_t value_offset() noexcept;
  [[nodiscard]] std::size_t offset() const noexcept { return static_cast<std::size_t>(at_ - begin_); }

 private:
  char peek() noexcept { return at_<end_&& static_cast<unsigned char>(*at_)> ' ' ? *at_ : peek_behind_blanks(); }
  char peek_behind_blanks() noexcept;
  bool fail(const char* at, const char* text, Problem problem = Problem::syntax) noexcept;
  bool unexpected(const char* wanted) noexcept;
  bool enter(bool object);
  bool leave();
  bool long_string(JsonString& out, const char* first);
  template <class Width>
  bool long_string_blocks(JsonString& out, const char* first);
  bool end_string(JsonString& out, const char* first, const char* quote, bool escaped) noexcept;
  bool literal(std::string_view word);
  [[nodiscard]] bool in_object() const noexcept { return (objects_[depth_ / 64] >> (depth_ % 64)) & 1; }

  const char* begin_;
  const char* end_;
  const char* at_;
  const char* problem_text_ = "";
  Problem problem_ = Problem::none;
  std::size_t problem_offset_ = 0;
  std::string_view repeated_name_;
  JsonNames* names_;
  std::uint32_t depth_ = 0;
  std::uint32_t depth_max_;
  bool fresh_ = false;                             // just inside a container, before its first item
  std::uint64_t objects_[depth_limit / 64 + 1]{};  // per open level: object (1) or array (0)
};

/// Consumes one value. If it is an object, `member(name)` must consume each member's value. Any other value is skipped,
/// and the result is false.
template <class Member>
bool each_member(JsonReader& in, Member member) {
  if (in.kind() != JsonReader::Kind::object) {
    in.skip();
    return false;
  }
  in.enter_object();
  JsonString name;
  while (in.next_name(name)) member(name);
  return true;
}

/// The same for an array: `element()` must consume each element.
template <class Element>
bool each_element(JsonReader& in, Element element) {
  if (in.kind() != JsonReader::Kind::array) {
    in.skip();
    return false;
  }
  in.enter_array();
  while (in.next_element()) element();
  return true;
}

/// Offset of the first byte that is not part of valid UTF-8, or nullopt.
std::optional<std::size_t> find_invalid_utf8(std::string_view text) noexcept;

/// `text` with U+FFFD in place of each byte that is not part of valid UTF-8.
std::string valid_utf8(std::string_view text);

/// Appends `text` as the inside of a JSON string (RFC 8259, 7). Bytes that are not UTF-8 become U+FFFD.
void append_json_escaped(std::string& out, std::string_view text);
/// The same with the quotes.
void append_json_string(std::string& out, std::string_view text);
void append_json_string(Buffer& out, std::string_view text);

}  // namespace triage
