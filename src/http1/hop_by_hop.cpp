#include "http1/hop_by_hop.hpp"

#include "http1/field_grammar.hpp"

namespace triage {

std::vector<std::string_view> named_by_connection(const std::vector<Field>& fields) {
  std::vector<std::string_view> names;
  for (const Field& field : fields) {
    if (field.name.size() != 10 || !iequals(field.name, "connection")) continue;
    grammar::for_each_element(field.value, [&names](std::string_view option) {
      if (!option.empty() && !iequals(option, "keep-alive") && !iequals(option, "close")) names.push_back(option);
    });
  }
  return names;
}

}  // namespace triage
