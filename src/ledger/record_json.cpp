#include "ledger/record_json.hpp"

#include "json/json.hpp"
#include "ledger/fields.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <type_traits>
#include <utility>

// Written on the event loop, once per request: no stream, no DOM, no locale. Times have at most three decimals, so a
// microsecond is the smallest step. Trailing zeros are dropped, except for one decimal: 0.4, 210.0.

namespace triage::ledger {
namespace {

/// An object, from the first member to end(). The code that writes values is not inlined: for sixty members it would be
/// six kilobytes, which no request finds in the cache.
class Members {
 public:
  explicit Members(Buffer& out) : out_(out) {}

  void end() { out_.append(before_ == '{' ? "{}" : "}"); }

  void write(as::Text, const JsonName& name, std::string_view value) { write_text(name, value); }
  template <class E>
  requires std::is_enum_v<E>
  void write(as::Word, const JsonName& name, E value) {
    write_text(name, word_names<E>[static_cast<std::size_t>(value)]);
  }
  void write(as::Whole, const JsonName& name, std::int64_t value) { write_whole(name, value); }
  void write(as::Code, const JsonName& name, int value) { value == 0 ? write_null(name) : write_whole(name, value); }
  void write(as::Ms, const JsonName& name, double value) { write_ms(name, value); }
  void write(as::Decimal, const JsonName& name, double value) { write_decimal(name, value); }
  void write(as::Flag, const JsonName& name, bool value) {
    char* const at = open(name);
    std::memcpy(at, value ? "true" : "fals", 4);
    at[4] = 'e';
    close(at + (value ? 4 : 5));
  }
  void write(as::Json, const JsonName& name, std::string_view value) {
    if (value.empty()) return write_null(name);
    close(open(name));
    out_.append(value);
  }
  template <class How, class T>
  void write(How how, const JsonName& name, const std::optional<T>& value) {
    value ? write(how, name, *value) : write_null(name);
  }
  /// The caller writes the value.
  void begin_value(const JsonName& name) { close(open(name)); }
  [[gnu::noinline]] void write_null(const JsonName& name) {
    char* const at = open(name);
    std::memcpy(at, "null", 4);
    close(at + 4);
  }

 private:
  static constexpr std::size_t value_most = 32;  // except for texts

  /// Returns where to write the value.
  char* open(const JsonName& name) {
    out_.make_room(sizeof name.text + value_most);
    char* const at = out_.tail();
    std::memcpy(at, name.text, sizeof name.text);
    *at = std::exchange(before_, ',');
    return at + name.size;
  }
  void close(const char* end) { out_.commit(static_cast<std::size_t>(end - out_.tail())); }

  [[gnu::noinline]] void write_whole(const JsonName& name, std::int64_t value) { close(spell(open(name), value)); }
  [[gnu::noinline]] void write_ms(const JsonName& name, double ms) {
    constexpr double limit = 1e15;
    if (!(std::abs(ms) < limit)) return write_null(name);
    char* at = open(name);
    const auto us = static_cast<std::int64_t>(std::abs(ms) * 1000 + 0.5);
    if (ms < 0 && us != 0) *at++ = '-';
    at = spell(at, us / 1000);
    const auto digit = [&](std::int64_t unit) { *at++ = static_cast<char>('0' + us / unit % 10); };
    *at++ = '.';
    digit(100);
    if (us % 100 != 0) digit(10);
    if (us % 10 != 0) digit(1);
    close(at);
  }
  [[gnu::noinline]] void write_decimal(const JsonName& name, double value) {
    if (!std::isfinite(value)) return write_null(name);
    char* const at = open(name);
    close(std::to_chars(at, at + value_most, value).ptr);
  }
  [[gnu::noinline]] void write_text(const JsonName& name, std::string_view value) {
    if (value.empty()) return write_null(name);
    close(open(name));
    append_json_string(out_, value);
  }

  static char* spell(char* at, std::int64_t value) { return std::to_chars(at, at + value_most, value).ptr; }

  Buffer& out_;
  char before_ = '{';
};

template <class T>
void append_object(Buffer& out, const T& value);

template <class T>
void append_list(Buffer& out, const std::vector<T>& items) {
  out.append("[");
  for (const T& item : items) {
    if (&item != items.data()) out.append(",");
    append_object(out, item);
  }
  out.append("]");
}

template <class T>
void append_value(Buffer& out, const T& value) {
  is_nothing(value) ? out.append("null") : append_object(out, value);
}
template <class T>
void append_value(Buffer& out, const T* value) {
  value == nullptr ? out.append("null") : append_object(out, *value);
}
template <class T>
void append_value(Buffer& out, const std::vector<T>& items) {
  append_list(out, items);
}

// An object of which no member is known.
template <class T>
void append_nulls(Buffer& out) {
  Members members(out);
  each_field<T>([&]<auto member, class How, auto present>(const Field<member, How, present>& field) {
    if constexpr (std::is_null_pointer_v<std::remove_const_t<decltype(present)>>) members.write_null(field.name);
  });
  members.end();
}

// Whether what stands in columns of its own is known.
template <class T>
bool knows_columns(const T& owner) {
  if constexpr (std::is_same_v<T, AttemptRecord>)
    return field_detail::knows_tokens(owner);
  else
    return true;
}

template <class T>
void append_members(Buffer& out, Members& members, const T& owner) {
  each_field<T>([&]<auto member, class How, auto present>(const Field<member, How, present>& field) {
    // Tested by type, because UBSan keeps g++ 12 from comparing addresses of functions at compile time.
    if constexpr (!std::is_null_pointer_v<std::remove_const_t<decltype(present)>>)
      if (!present(owner)) return;
    if constexpr (requires { members.write(How(), field.name, owner.*member); }) {
      members.write(How(), field.name, owner.*member);
    } else {
      members.begin_value(field.name);
      if constexpr (std::is_same_v<How, as::Columns>) {
        if (!knows_columns(owner)) return append_nulls<typename Field<member, How, present>::Value>(out);
      }
      append_value(out, owner.*member);
    }
  });
}

template <class T>
void append_object(Buffer& out, const T& value) {
  Members members(out);
  append_members(out, members, value);
  members.end();
}

constexpr JsonName version_name = "v";
constexpr JsonName kind_name = "kind";

}  // namespace

void append_record(Buffer& out, const LedgerRecord& record, bool content) {
  if (!content) {
    LedgerRecord without = record;
    PairRecord pair;
    without.prompt = without.answer = {};
    if (!record.content.empty()) without.content = content_omitted;
    if (record.pair != nullptr) {
      pair = *record.pair;
      pair.cheap.answer.clear();
      pair.strong.answer.clear();
      without.pair = &pair;
    }
    return append_record(out, without);
  }
  Members members(out);
  members.write(as::Whole(), version_name, record_version);
  append_members(out, members, record);
}

void append_event(Buffer& out, const LedgerEvent& event) {
  Members members(out);
  members.write(as::Whole(), version_name, record_version);
  std::visit(
      [&]<class T>(const T& of) {
        members.write(as::Text(), kind_name, kind_of<T>);
        append_members(out, members, of);
      },
      event);
}

}  // namespace triage::ledger
