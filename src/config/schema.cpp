// section  -> {"type": ["object", "null"], "properties": {...}, "additionalProperties": false}
//             {"type": "object", ..., "required": [...]} where something is required, and null would miss it
// scalar   -> {"anyOf": [{"type": "string", "pattern": ...}, {"type": "string", "pattern": "\\$\\{"}, {"type":
// "integer"}]}
//             (a port may be quoted, and any value may come from ${...})
// word     -> {"anyOf": [{"enum": [words]}, {"type": "string", "pattern": "\\$\\{"}]}
// choice   -> {"anyOf": [{"enum": [kinds]}, {object with exactly one of the kinds}]}
#include "config/schema.hpp"

#include "config/describe.hpp"

#include <nlohmann/json.hpp>

namespace triage::config {
namespace {

using Json = nlohmann::ordered_json;

template <class T>
Json schema_of(const Key& key, const T& value);

// What is left empty has its defaults.
Json or_null(const char* type) {
  return Json::array({type, "null"});
}

// A value that comes from ${...}, at least in part.
Json substituted() {
  return {{"type", "string"}, {"pattern", "\\$\\{"}};
}

struct SchemaVisitor {
  Json properties = Json::object();
  Json required = Json::array();

  template <class T>
  void field(const Key& key, T& value) {
    Json schema = schema_of(key, value);
    std::string text(key.text);
    if (!key.shown_default.empty()) text += " (default: " + std::string(key.shown_default) + ")";
    schema["description"] = text;
    if (!key.formerly.empty()) {
      properties[std::string(key.formerly)] = schema;
      properties[std::string(key.formerly)]["deprecated"] = true;
    }
    properties[std::string(key.name)] = std::move(schema);
    if (key.required) required.push_back(key.name);
  }
  void keyword(const Key& key, bool&, std::string_view word) {
    properties[std::string(key.name)] = {{"anyOf", Json::array({{{"enum", Json::array({word})}}, substituted()})},
                                         {"description", key.text}};
  }
  template <class T>
  void kind(const Key& key, T& options, bool) {
    field(key, options);
  }
  void later(std::initializer_list<std::string_view>) {}

  [[nodiscard]] Json object() const {
    Json out = {{"type", or_null("object")}, {"properties", properties}, {"additionalProperties", false}};
    if (required.empty()) return out;
    out["type"] = "object";
    out["required"] = required;
    return out;
  }
};

template <class T>
Json words_of(const Key& key) {
  Json out = Json::array();
  if constexpr (Worded<T>)
    for (const std::string_view each : words<T>) {
      out.push_back(each);
      if (const Json number = Json::parse(each, nullptr, false); number.is_number()) out.push_back(number);
    }
  else if (key.words != nullptr)
    for (const std::string_view each : key.words()) out.push_back(each);
  return out;
}

template <class T>
Json old_words_of() {
  Json out = Json::array();
  if constexpr (Worded<T>)
    for (const auto& old : old_words<T>) out.push_back(old.first);
  return out;
}

template <class T>
Json scalar_schema(const Key& key, const T& value) {
  Json text = {{"type", "string"}};
  if (Json known = words_of<T>(key); !known.empty()) text = {{"enum", std::move(known)}};
  if (!Scalar<T>::pattern.empty()) text["pattern"] = Scalar<T>::pattern;
  Json options = Json::array({text});
  if (text.contains("pattern") || text.contains("enum")) options.push_back(substituted());
  if (Json old = old_words_of<T>(); !old.empty()) options.push_back({{"enum", std::move(old)}, {"deprecated", true}});
  if constexpr (std::same_as<T, bool>) options.push_back({{"type", "boolean"}});
  constexpr bool money = std::derived_from<Scalar<T>, Money>;
  if constexpr ((std::is_arithmetic_v<T> && !std::same_as<T, bool>) || money) {
    Json number = {{"type", std::integral<T> ? "integer" : "number"}, {"minimum", key.least}};
    if (key.most != std::numeric_limits<std::int64_t>::max()) number["maximum"] = key.most;
    options.push_back(std::move(number));
  }
  if (std::same_as<T, std::string> && !text.contains("enum"))
    options.push_back({{"type", Json::array({"number", "boolean"})}});
  Json out = options.size() == 1 ? text : Json{{"anyOf", options}};
  if (!key.required && key.shown_default.empty())
    if (std::string written = Scalar<T>::format(value); !written.empty()) out["default"] = std::move(written);
  return out;
}

// Spelled out, also where it holds itself.
template <class T>
Json whole_section_schema() {
  SchemaVisitor visitor;
  T section{};
  describe(visitor, section);
  Json object = visitor.object();
  if constexpr (is_choice<T>) {
    Json kinds = Json::array();
    for (const auto& kind : visitor.properties.items())
      if (kind.value().value("type", Json()) != or_null("array") && !kind.value().contains("required"))
        kinds.push_back(kind.key());
    object["type"] = "object";
    object["minProperties"] = object["maxProperties"] = 1;
    if (kinds.empty()) return object;
    return {{"anyOf", Json::array({{{"enum", kinds}}, object})}};
  }
  if (short_form<T>.empty()) return object;
  Json bare = visitor.properties[std::string(short_form<T>)];
  bare.erase("description");
  bare.erase("default");
  return {{"anyOf", Json::array({std::move(bare), object})}};
}

template <class T>
Json section_schema() {
  if constexpr (!recursive_name<T>.empty())
    return {{"$ref", "#/$defs/" + std::string(recursive_name<T>)}};
  else
    return whole_section_schema<T>();
}

Json map_schema(Json of_values) {
  return {{"type", or_null("object")}, {"additionalProperties", std::move(of_values)}};
}

template <class T>
Json schema_of(const Key& key, const T& value) {
  if constexpr (OptionalType<T>) {
    using Value = typename OptionalOf<T>::Value;
    if constexpr (ScalarType<Value>) {
      Key without_default = key;
      without_default.required = true;
      return scalar_schema(without_default, Value{});
    } else {
      Json out = schema_of(key, Value{});
      if (out.contains("required")) out["type"] = or_null("object");
      return out;
    }
  } else if constexpr (ScalarType<T>) {
    return scalar_schema(key, value);
  } else if constexpr (ListType<T>) {
    using Item = typename ListOf<T>::Item;
    if constexpr (is_named<Item>) {
      return map_schema(section_schema<Item>());
    } else if constexpr (PairOf<Item>::value) {
      using Value = typename PairOf<Item>::Value;
      return map_schema(schema_of(key, Value{}));
    } else if constexpr (Worded<Item>) {
      Key item = key;
      item.required = true;  // it has no default
      return {{"type", or_null("array")}, {"items", schema_of(item, Item{})}};
    } else {
      return {{"type", or_null("array")}, {"items", schema_of(key, Item{})}};
    }
  } else {
    return section_schema<T>();
  }
}

}  // namespace
}  // namespace triage::config

namespace triage {

std::string config_schema() {
  using namespace config;
  SchemaVisitor visitor;
  ConfigSpec spec;
  describe(visitor, spec);
  const Json pattern = {{"type", "string"}};
  visitor.properties["include"] = {
      {"anyOf", Json::array({pattern, {{"type", "array"}, {"items", pattern}}})},
      {"description", "files whose maps are merged into this one; globs, relative to this file"}};
  visitor.required.clear();  // an included file holds a part only
  Json out = {{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", "Triage config"}};
  out.update(visitor.object());
  out["type"] = "object";
  out["$defs"][std::string(recursive_name<ConditionSpec>)] = whole_section_schema<ConditionSpec>();
  out["$defs"][std::string(recursive_name<VerifierSpec>)] = whole_section_schema<VerifierSpec>();
  return out.dump(2) + "\n";
}

}  // namespace triage
