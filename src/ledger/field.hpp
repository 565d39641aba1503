#pragma once
// What a table of fields (fields.hpp) consists of: for each member of a struct its name, its format, and its meaning.
// The tables generate the journal's writer and reader, the database's tables, rows and statements, CSV, and the tables
// of docs/ledger.md.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

namespace triage::ledger {

/// How a member is written in JSON, and in columns of the database.
namespace as {
struct Text {};     ///< std::string_view, std::string; "" is null
struct Word {};     ///< an enum, by word_names; may be optional
struct Whole {};    ///< std::int64_t; may be optional
struct Code {};     ///< int; 0 is null
struct Ms {};       ///< double, with at most three decimals; may be optional
struct Decimal {};  ///< double, as short as it can be read back exactly; may be optional
struct Flag {};     ///< bool; may be optional
struct Json {};     ///< std::string_view with an object; "" is null. One column
struct Object {};   ///< a struct, or a pointer to one that may be null. One column, of JSON
struct Parsed {};   ///< like Object, but readers know its members
struct List {};     ///< std::vector of structs. One column, of JSON
struct Columns {};  ///< a struct, each member of which is a column, named after both
struct Rows {};     ///< std::vector of structs, with a table of their own in the database
}  // namespace as

/// A name as written, `,"name":`, in space for the longest, so that it can be copied as a whole.
struct JsonName {
  char text[32]{};
  std::size_t size = 0;
  template <std::size_t count>
  consteval JsonName(const char (&name)[count])
      : size(count + 3) {  // NOLINT: implicit, to be written as a plain literal
    text[1] = '"';
    for (std::size_t i = 0; i + 1 < count; ++i) text[i + 2] = name[i];
    text[count + 1] = '"';
    text[count + 2] = ':';
  }
  [[nodiscard]] constexpr std::string_view view() const noexcept { return {text + 2, size - 4}; }
};

namespace field_detail {
template <class Pointer>
struct Member;
template <class O, class V>
struct Member<V O::*> {
  using Owner = O;
  using Value = V;
};
template <class T>
struct BareOf {
  using Type = T;
};
template <class T>
struct BareOf<std::optional<T>> : BareOf<T> {};
template <class T>
struct BareOf<std::vector<T>> : BareOf<T> {};
template <class T>
struct BareOf<const T*> : BareOf<T> {};

/// The usual format of a type's members.
template <class T>
constexpr auto usual() {
  if constexpr (std::is_same_v<T, std::string_view> || std::is_same_v<T, std::string>)
    return as::Text();
  else if constexpr (std::is_enum_v<T>)
    return as::Word();
  else if constexpr (std::is_same_v<T, std::int64_t>)
    return as::Whole();
  else if constexpr (std::is_same_v<T, int>)
    return as::Code();
  else if constexpr (std::is_same_v<T, bool>)
    return as::Flag();
}
}  // namespace field_detail

/// A member's type without optional, vector or pointer.
template <class T>
using Bare = typename field_detail::BareOf<T>::Type;

inline constexpr std::nullptr_t always = nullptr;

/// One member. It is left out of the JSON where `present(owner)` is false.
template <auto pointer, class How, auto present>
struct Field {
  using Owner = typename field_detail::Member<decltype(pointer)>::Owner;
  using Value = typename field_detail::Member<decltype(pointer)>::Value;
  static constexpr auto member = pointer;

  JsonName name;
  std::string_view text;  ///< its meaning, for the documentation
  int since;              ///< the schema version that added it
};

template <auto pointer,
          class How = decltype(field_detail::usual<Bare<typename field_detail::Member<decltype(pointer)>::Value>>()),
          auto present = always>
consteval Field<pointer, How, present> field(JsonName name, std::string_view text, int since = 1) {
  return {name, text, since};
}

/// The table of a struct: a tuple of fields, in the order of the JSON.
template <class T>
inline constexpr std::nullptr_t fields = nullptr;

/// The names of an enum's values.
template <class E>
inline constexpr std::nullptr_t word_names = nullptr;

/// Calls visit(field) for each of T's fields.
template <class T, class Visit>
constexpr void each_field(Visit&& visit) {
  std::apply([&](const auto&... field) { (visit(field), ...); }, fields<T>);
}

}  // namespace triage::ledger
