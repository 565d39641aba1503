#pragma once
// The fields of a struct as columns of the database and of CSV.

#include "ledger/stored_record.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace triage::ledger {

struct Column {
  std::string name;
  std::string_view type;  ///< SQLite's type
  int since = 1;          ///< version of the schema
};

namespace field_detail {
template <class How>
constexpr std::string_view sql_type() {
  if constexpr (std::is_same_v<How, as::Whole> || std::is_same_v<How, as::Code> || std::is_same_v<How, as::Flag>)
    return "INTEGER";
  else if constexpr (std::is_same_v<How, as::Ms> || std::is_same_v<How, as::Decimal>)
    return "REAL";
  else
    return "TEXT";
}
template <class T>
void add_columns(std::vector<Column>& out, const std::string& prefix) {
  each_field<T>([&]<auto member, class How, auto present>(const Field<member, How, present>& field) {
    const std::string name = prefix + std::string(field.name.view());
    if constexpr (std::is_same_v<How, as::Columns>)
      add_columns<typename Field<member, How, present>::Value>(out, name + "_");
    else if constexpr (!std::is_same_v<How, as::Rows>)
      out.push_back({name, sql_type<How>(), field.since});
  });
}
}  // namespace field_detail

/// The columns of T's table except its key, in the order of the fields.
template <class T>
std::vector<Column> columns_of() {
  std::vector<Column> out;
  field_detail::add_columns<T>(out, "");
  return out;
}

/// Calls visit(value) for each of columns_of<T>(), with a Text, Integer, Real or Flag.
template <class T, class Visit>
void each_column(const Stored<T>& stored, Visit&& visit) {
  each_value(
      stored, [&]<auto member, class How, auto present>(const Field<member, How, present>&, const auto& value) {
        if constexpr (std::is_same_v<How, as::Columns>)
          each_column(value, visit);
        else if constexpr (std::is_same_v<How, as::Parsed>)
          visit(value.json);
        else if constexpr (!std::is_same_v<How, as::Rows>)
          visit(value);
      });
}

}  // namespace triage::ledger
