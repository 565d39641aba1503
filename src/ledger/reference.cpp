// | member | type | what it is |
// Sections are walked depth first, under dotted names: attempts[].tokens.input
#include "ledger/reference.hpp"

#include "ledger/fields.hpp"

namespace triage::ledger {
namespace {

std::string code(std::string_view text) {
  return "`" + std::string(text) + "`";
}

template <class How>
constexpr std::string_view type_of() {
  if constexpr (std::is_same_v<How, as::Text> || std::is_same_v<How, as::Word>) return "text";
  if constexpr (std::is_same_v<How, as::Whole> || std::is_same_v<How, as::Code>) return "whole number";
  if constexpr (std::is_same_v<How, as::Ms> || std::is_same_v<How, as::Decimal>) return "number";
  if constexpr (std::is_same_v<How, as::Flag>) return "true or false";
  if constexpr (std::is_same_v<How, as::List> || std::is_same_v<How, as::Rows>) return "list";
  return "object";
}

template <class T>
void add_rows(std::string& out, const std::string& prefix) {
  each_field<T>([&]<auto member, class How, auto present>(const Field<member, How, present>& field) {
    const std::string path = prefix + std::string(field.name.view());
    out += "| " + code(path) + " | " + std::string(type_of<How>()) + " | " + std::string(field.text) + " |\n";
    if constexpr (type_of<How>() == "list" || (type_of<How>() == "object" && !std::is_same_v<How, as::Json>))
      add_rows<Bare<typename Field<member, How, present>::Value>>(out, path + (type_of<How>() == "list" ? "[]." : "."));
  });
}

}  // namespace

std::string ledger_reference() {
  std::string out;
  Kinds::each([&]<class T> {
    const bool request = std::is_same_v<T, LedgerRecord>;
    out += request ? "### A request\n\n" : "### `\"kind\":\"" + std::string(kind_of<T>) + "\"`\n\n";
    out +=
        "In the database: " + code(table_of<T>) + (request ? ", and " + code(table_of<AttemptRecord>) : "") + ".\n\n";
    out += "| member | type | what it is |\n|---|---|---|\n";
    add_rows<T>(out, "");
    out += "\n";
  });
  return out;
}

}  // namespace triage::ledger
