#pragma once
// A line as read back, by the tables of fields.hpp. Any version of Triage may have written it: a member that is
// missing, or of another type than expected, is null; an unknown one is skipped. Databases are made from this, whatever
// the line looked like.

#include "ledger/fields.hpp"

#include <cstdint>
#include <forward_list>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace triage::ledger {

using Text = std::optional<std::string_view>;
using Integer = std::optional<std::int64_t>;
using Real = std::optional<double>;
using Flag = std::optional<bool>;

template <class T>
struct Stored;

/// A section of which both the JSON and the members are available.
template <class T>
struct StoredObject {
  Text json;
  Stored<T> members;
};
template <class T>
struct StoredRows {
  Text json;
  std::vector<Stored<T>> rows;
};

namespace field_detail {
template <class How, class T>
auto stored() {
  if constexpr (std::is_same_v<How, as::Whole> || std::is_same_v<How, as::Code>)
    return Integer();
  else if constexpr (std::is_same_v<How, as::Ms> || std::is_same_v<How, as::Decimal>)
    return Real();
  else if constexpr (std::is_same_v<How, as::Flag>)
    return Flag();
  else if constexpr (std::is_same_v<How, as::Parsed>)
    return StoredObject<T>();
  else if constexpr (std::is_same_v<How, as::Columns>)
    return Stored<T>();
  else if constexpr (std::is_same_v<How, as::Rows>)
    return StoredRows<T>();
  else
    return Text();
}
template <auto member, class How, auto present>
auto stored_of(const Field<member, How, present>&) {
  return stored<How, Bare<typename Field<member, How, present>::Value>>();
}

template <auto>
struct Constant {};
template <auto wanted, class... F>
constexpr std::size_t index_in(const std::tuple<F...>&) {
  constexpr bool is[] = {std::is_same_v<Constant<wanted>, Constant<F::member>>...};
  std::size_t at = 0;
  while (!is[at]) ++at;
  return at;
}
}  // namespace field_detail

/// The members of a T as stored. Views are valid as long as the line, and until the reader that made it reads the next.
template <class T>
struct Stored {
  using Values = decltype(std::apply(
      [](const auto&... field) { return std::tuple<decltype(field_detail::stored_of(field))...>(); }, fields<T>));
  Values values;

  /// Example: stored.get<&LedgerRecord::id>()
  template <auto member>
  [[nodiscard]] auto& get() {
    return std::get<field_detail::index_in<member>(fields<T>)>(values);
  }
  template <auto member>
  [[nodiscard]] const auto& get() const {
    return std::get<field_detail::index_in<member>(fields<T>)>(values);
  }
};

using StoredRecord = Stored<LedgerRecord>;
using StoredAttempt = Stored<AttemptRecord>;

/// Calls visit(field, value) for each of T's fields.
template <class T, class Visit>
void each_value(const Stored<T>& stored, Visit&& visit) {
  [&]<std::size_t... i>(std::index_sequence<i...>) {
    (visit(std::get<i>(fields<T>), std::get<i>(stored.values)), ...);
  }
  (std::make_index_sequence<std::tuple_size_v<typename Stored<T>::Values>>());
}

/// The `kind` that a line names, after `v`; "request" if it names none.
std::string_view kind_in(std::string_view json) noexcept;

class RecordReader {
 public:
  /// Reads a line that is a T according to kind_in(). `json` must have been checked by read_line() and be followed by
  /// body_padding readable bytes. False: it is not a JSON object all the same.
  template <class T>
  bool read_as(std::string_view json, Stored<T>& out);

  /// Reads a request's record. False also for a line of another kind.
  bool read(std::string_view json, StoredRecord& out) {
    return kind_in(json) == kind_of<LedgerRecord> && read_as(json, out);
  }

 private:
  friend class Fields;
  std::forward_list<std::string> unescaped_;
};

}  // namespace triage::ledger
