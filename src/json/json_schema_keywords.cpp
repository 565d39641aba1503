#include "json/json_schema.hpp"
#include "json/json_schema_walk.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>

namespace triage::verify {
namespace {

constexpr std::size_t bytes_max = 1U << 20;
constexpr std::size_t schemas_max = 10'000;
constexpr std::size_t named_max = 8;

// These only describe, or belong to a keyword that is checked.
constexpr std::array<std::string_view, 18> harmless{
    "then",     "else",  "minContains", "maxContains", "nullable", "$defs",      "definitions", "$schema",   "$id",
    "$comment", "title", "description", "default",     "examples", "deprecated", "readOnly",    "writeOnly", "example"};
constexpr std::array<std::string_view, 10> of_schema{"not",
                                                     "if",
                                                     "then",
                                                     "else",
                                                     "items",
                                                     "additionalItems",
                                                     "additionalProperties",
                                                     "contains",
                                                     "propertyNames",
                                                     "unevaluatedItems"};
constexpr std::array<std::string_view, 5> of_list{"allOf", "anyOf", "oneOf", "prefixItems", "items"};
constexpr std::array<std::string_view, 5> of_names{"properties", "patternProperties", "$defs", "definitions",
                                                   "dependentSchemas"};

template <class List>
bool holds(const List& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

class Keywords {
 public:
  void visit(const json& schema) {
    if (!schema.is_object() || ++schemas_ > schemas_max || found.size() >= named_max) return;
    for (auto rule = schema.begin(); rule != schema.end(); ++rule) {
      const std::string& name = rule.key();
      const json& value = rule.value();
      const bool elsewhere =
          name == "$ref" && value.is_string() && !value.get_ref<const std::string&>().starts_with('#');
      if (elsewhere)
        found.insert("$ref to elsewhere");
      else if (!Validator::is_checked(name) && !holds(harmless, name))
        found.insert(name.substr(0, name_max));
      if (value.is_object() && holds(of_schema, name)) visit(value);
      if (value.is_array() && holds(of_list, name))
        for (const json& each : value) visit(each);
      if (value.is_object() && holds(of_names, name))
        for (const json& each : value) visit(each);
    }
  }

  std::set<std::string> found;

 private:
  static constexpr std::size_t name_max = 40;
  std::size_t schemas_ = 0;
};

}  // namespace

std::vector<std::string> unchecked_keywords(std::string_view schema) {
  if (schema.size() > bytes_max || !is_json(schema, true)) return {};
  const json rules = json::parse(schema, nullptr, false);
  if (rules.is_discarded()) return {};
  Keywords keywords;
  keywords.visit(rules);
  std::vector<std::string> out(keywords.found.begin(), keywords.found.end());
  out.resize(std::min(out.size(), named_max));
  return out;
}

}  // namespace triage::verify
