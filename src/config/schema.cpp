// section  -> {"type": ["object", "null"], "properties": {...}, "additionalProperties": false}
//             {"type": "object", ..., "required": [...]} where something is required, and null would miss it
// scalar   -> {"anyOf": [{"type": "string", "pattern": ...}, {"type": "string", "pattern": "\\$\\{"}, {"type":
// "integer"}]}
//             (a port may be quoted, and any value may come from ${...})
// word     -> {"anyOf": [{"enum": [words]}, {"type": "string", "pattern": "\\$\\{"}]}
// choice   -> {"anyOf": [{"enum": [kinds]}, {object with exactly one of the kinds}]}
#include "config/schema.hpp"

#include "config/describe.hpp"
#include "options/type_of.hpp"

#include <map>
#include <nlohmann/json.hpp>

namespace triage::config {

using namespace options;

namespace {

using Json = nlohmann::ordered_json;

// A key left empty has its defaults.
Json or_null(const char* type) {
  return Json::array({type, "null"});
}

// A value that comes from ${...}, at least in part.
Json substituted() {
  return {{"type", "string"}, {"pattern", "\\$\\{"}};
}

// YAML reads a word such as 1.2 as a number.
template <class Words>
Json closed_list(const Words& words) {
  Json out = Json::array();
  for (const std::string_view word : words) {
    out.push_back(word);
    if (Json number = Json::parse(word, nullptr, false); number.is_number()) out.push_back(std::move(number));
  }
  return out;
}

// Schemas of values of any type, with their defaults.
class Schemas {
 public:
  [[nodiscard]] Json of(const Key& key, Ref value);
  /// Spelled out, even if it can contain itself.
  [[nodiscard]] Json whole(const Type& type);
  /// Spells out those that can contain themselves and were referred to.
  [[nodiscard]] Json definitions();

 private:
  [[nodiscard]] Json section(const Type& type);
  [[nodiscard]] Json choice(const Type& type);

  std::map<std::string_view, const Type*> referred_to_;
};

struct SchemaVisitor final : Describer {
  explicit SchemaVisitor(Schemas& schemas) : schemas_(schemas) {}

  Json properties = Json::object();
  Json required = Json::array();

  void visit(const Key& key, Ref value) override {
    Json schema = schemas_.of(key, value);
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
  void keyword(const Key& key, bool&, std::string_view word) override {
    properties[std::string(key.name)] = {{"anyOf", Json::array({{{"enum", Json::array({word})}}, substituted()})},
                                         {"description", key.text}};
  }

  [[nodiscard]] Json object() const {
    Json out = {{"type", or_null("object")}, {"properties", properties}, {"additionalProperties", false}};
    if (required.empty()) return out;
    out["type"] = "object";
    out["required"] = required;
    return out;
  }

 private:
  Schemas& schemas_;
};

// `value`: the default; null: not told.
Json scalar_schema(const Key& key, const ScalarType& type, const void* value) {
  Json text = {{"type", "string"}};
  if (!type.pattern.empty()) text["pattern"] = type.pattern;
  if (!type.words.empty()) text = {{"enum", closed_list(type.words)}};
  if (key.words != nullptr) text = {{"enum", closed_list(key.words())}};
  const bool closed = text.contains("enum");
  Json options = Json::array({text});
  if (closed || text.contains("pattern")) options.push_back(substituted());
  for (const OldWord& old : type.old_words())
    options.push_back({{"enum", Json::array({old.word})}, {"deprecated", true}});
  if (type.json == JsonForm::boolean) options.push_back({{"type", "boolean"}});
  if (type.json == JsonForm::integer || type.json == JsonForm::number || type.json == JsonForm::money) {
    Json number = {{"type", type.json == JsonForm::integer ? "integer" : "number"}, {"minimum", key.least}};
    if (key.most != std::numeric_limits<std::int64_t>::max()) number["maximum"] = key.most;
    options.push_back(std::move(number));
  }
  if (type.json == JsonForm::anything && !closed) options.push_back({{"type", Json::array({"number", "boolean"})}});
  Json out = options.size() == 1 ? text : Json{{"anyOf", options}};
  if (value != nullptr && !key.required && key.shown_default.empty())
    if (std::string written = type.format(value); !written.empty()) out["default"] = std::move(written);
  return out;
}

Json Schemas::of(const Key& key, Ref value) {
  const Type& type = *value.type;
  if (type.shape == Shape::scalar) return scalar_schema(key, *type.scalar, value.at);
  if (type.shape == Shape::section || type.shape == Shape::choice) {
    const std::string_view name = type.overlay() ? "arm" : type.recursive_name();
    if (name.empty()) return whole(type);
    referred_to_.emplace(name, &type);
    return {{"$ref", "#/$defs/" + std::string(name)}};
  }
  const Type& inside = type.inside();
  const std::shared_ptr<void> unwritten = inside.unwritten();
  Json out =
      inside.shape == Shape::scalar ? scalar_schema(key, *inside.scalar, nullptr) : of(key, {&inside, unwritten.get()});
  if (type.shape == Shape::optional) {
    if (out.contains("required")) out["type"] = or_null("object");
    return out;
  }
  if (type.shape == Shape::list) {
    const Json list = {{"type", or_null("array")}, {"items", out}};
    return key.lone ? Json{{"anyOf", Json::array({out, list})}} : list;
  }
  return {{"type", or_null("object")}, {"additionalProperties", std::move(out)}};
}

Json Schemas::whole(const Type& type) {
  return type.shape == Shape::choice ? choice(type) : section(type);
}

Json Schemas::choice(const Type& type) {
  SchemaVisitor visitor(*this);
  Json bare = Json::array();
  for (const Kind* kind : type.choice->kinds()) {
    const std::shared_ptr<void> unwritten = kind->type().unwritten();
    visitor.visit({.name = kind->name, .text = kind->text}, {&kind->type(), unwritten.get()});
    const Json& options = visitor.properties[std::string(kind->name)];
    const bool needs_options = kind->type().shape == Shape::scalar || options.contains("required");
    if (options.value("type", Json()) != or_null("array") && !needs_options) bare.push_back(kind->name);
  }
  Json object = visitor.object();
  object["type"] = "object";
  object["minProperties"] = object["maxProperties"] = 1;
  if (bare.empty()) return object;
  return {{"anyOf", Json::array({{{"enum", bare}}, object})}};
}

Json Schemas::section(const Type& type) {
  SchemaVisitor visitor(*this);
  const std::shared_ptr<void> unwritten = type.unwritten();
  type.section->describe(visitor, unwritten.get());
  const std::string short_form(type.section->short_form);
  if (short_form.empty()) return visitor.object();
  Json bare = visitor.properties[short_form];
  bare.erase("description");
  bare.erase("default");
  return {{"anyOf", Json::array({std::move(bare), visitor.object()})}};
}

Json Schemas::definitions() {
  Json out = Json::object();
  while (out.size() < referred_to_.size())
    for (const auto& [name, type] : std::map(referred_to_))
      if (!out.contains(std::string(name))) out[std::string(name)] = whole(*type);
  return out;
}

}  // namespace
}  // namespace triage::config

namespace triage {

std::string config_schema() {
  using namespace config;
  Schemas schemas;
  SchemaVisitor visitor(schemas);
  ConfigSpec spec;
  describe(visitor, spec);
  const Json pattern = {{"type", "string"}};
  visitor.properties["include"] = {
      {"anyOf", Json::array({pattern, {{"type", "array"}, {"items", pattern}}})},
      {"description", "files whose maps are merged into this one; globs, relative to this file"}};
  visitor.required.clear();  // an included file has only a part
  Json out = {{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", "Triage config"}};
  out.update(visitor.object());
  out["type"] = "object";
  out["$defs"] = schemas.definitions();
  return out.dump(2) + "\n";
}

}  // namespace triage
