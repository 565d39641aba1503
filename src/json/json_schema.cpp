// A value is checked against a schema; each name of the schema is one check:
//
//   fits     all checks pass
//   unknown  no check fails, but one cannot tell: anyOf of (fails, unknown) is unknown, and so is not(unknown)
//   fails    a check fails
//
// Only `fails` at the root is a problem. The reported check is the first to fail outside of anyOf, oneOf, not, if and
// contains, inside which a failed check is not a failure yet.
#include "json/json_schema.hpp"

#include "base/percent.hpp"
#include "json/json.hpp"
#include "json/json_schema_walk.hpp"
#include "triage/body_padding.hpp"

#include <algorithm>
#include <cmath>

namespace triage::verify {
namespace {

constexpr std::size_t bytes_max = 4U << 20;
constexpr std::uint32_t document_depth_max = 512;
constexpr std::size_t levels_max = 256;

Fit of_type(const json& value, std::string_view type) {
  if (type == "object") return fit_if(value.is_object());
  if (type == "array") return fit_if(value.is_array());
  if (type == "string") return fit_if(value.is_string());
  if (type == "number") return fit_if(value.is_number());
  if (type == "boolean") return fit_if(value.is_boolean());
  if (type == "null") return fit_if(value.is_null());
  if (type == "integer") {
    const std::optional<Number> number = number_in(value);
    return fit_if(number && *number == std::floor(*number));
  }
  return Fit::unknown;
}

}  // namespace

std::optional<Number> number_in(const json& value) {
  if (value.is_number_unsigned()) return static_cast<Number>(value.get<std::uint64_t>());
  if (value.is_number_integer()) return static_cast<Number>(value.get<std::int64_t>());
  if (value.is_number_float()) return static_cast<Number>(value.get<double>());
  return std::nullopt;
}

Fit Validator::visit(const json& schema, const json& value, const Place& at) {
  const std::size_t text = value.is_string() ? cost_of(value) : 0;
  if (!spend(1 + text) || levels_ >= levels_max) return Fit::unknown;
  if (schema.is_boolean()) return say(fit_if(schema.get<bool>()), at, "is not allowed");
  if (!schema.is_object()) return Fit::unknown;
  // A $ref below it would be resolved from there.
  if (&schema != &root_ && schema.contains("$id")) return Fit::unknown;
  ++levels_;
  Fit out = Fit::fits;
  const auto& known = checks();
  const auto reference = ref_alone_ ? schema.find("$ref") : schema.end();
  if (reference != schema.end()) {
    out = ref(*reference, schema, value, at);
  } else {
    for (auto rule = schema.begin(); rule != schema.end() && out != Fit::fails; ++rule) {
      const auto check = known.find(rule.key());
      if (check != known.end()) out = both(out, (this->*check->second)(rule.value(), schema, value, at));
    }
  }
  --levels_;
  return out;
}

const json* Validator::resolve(std::string_view reference) const {
  if (!reference.starts_with('#')) return nullptr;
  const json* at = &root_;
  reference.remove_prefix(1);
  while (!reference.empty()) {
    if (reference.front() != '/') return nullptr;  // an $anchor
    reference.remove_prefix(1);
    const std::string_view spelled = reference.substr(0, reference.find('/'));
    reference.remove_prefix(spelled.size());
    std::string name = percent_decoded(spelled);
    for (std::size_t i = name.find('~'); i < name.size(); i = name.find('~', i + 1))
      if (i + 1 < name.size() && (name[i + 1] == '0' || name[i + 1] == '1'))
        name.replace(i, 2, 1, name[i + 1] == '0' ? '~' : '/');
    if (at->is_object() && at->contains(name)) {
      at = &(*at)[name];
    } else if (at->is_array() && !name.empty() && name.size() < 7 &&
               name.find_first_not_of("0123456789") == std::string::npos && std::stoul(name) < at->size()) {
      at = &(*at)[std::stoul(name)];
    } else {
      return nullptr;
    }
    if (at->is_object() && at->contains("$id")) return nullptr;
  }
  return at;
}

Fit Validator::ref(const json& rule, const json&, const json& value, const Place& at) {
  const json* target = rule.is_string() ? resolve(rule.get_ref<const std::string&>()) : nullptr;
  return target != nullptr ? visit(*target, value, at) : Fit::unknown;
}

Fit Validator::all_of(const json& rule, const json&, const json& value, const Place& at) {
  if (!rule.is_array()) return Fit::unknown;
  Fit out = Fit::fits;
  for (const json& each : rule)
    if (out != Fit::fails) out = both(out, visit(each, value, at));
  return out;
}

Fit Validator::any_of(const json& rule, const json&, const json& value, const Place& at) {
  if (!rule.is_array() || rule.empty()) return Fit::unknown;
  Fit out = Fit::fails;
  for (const json& each : rule)
    if (out != Fit::fits) out = std::min(out, try_fit(each, value, at));
  return say(out, at, "fits none of anyOf");
}

Fit Validator::one_of(const json& rule, const json&, const json& value, const Place& at) {
  if (!rule.is_array() || rule.empty()) return Fit::unknown;
  int fitting = 0;
  int open = 0;
  for (const json& each : rule) {
    const Fit fit = try_fit(each, value, at);
    fitting += fit == Fit::fits ? 1 : 0;
    open += fit == Fit::unknown ? 1 : 0;
  }
  if (fitting > 1) return say(Fit::fails, at, "fits more than one of oneOf");
  if (open > 0) return Fit::unknown;
  return say(fit_if(fitting == 1), at, "fits none of oneOf");
}

Fit Validator::negated(const json& rule, const json&, const json& value, const Place& at) {
  const Fit fit = try_fit(rule, value, at);
  return fit == Fit::unknown ? fit : say(fit_if(fit == Fit::fails), at, "is what `not` excludes");
}

Fit Validator::if_then(const json& rule, const json& schema, const json& value, const Place& at) {
  const Fit condition = try_fit(rule, value, at);
  const auto then = schema.find("then");
  const auto otherwise = schema.find("else");
  if (condition == Fit::unknown) return then == schema.end() && otherwise == schema.end() ? Fit::fits : condition;
  const auto next = condition == Fit::fits ? then : otherwise;
  return next == schema.end() ? Fit::fits : visit(*next, value, at);
}

Fit Validator::type(const json& rule, const json& schema, const json& value, const Place& at) {
  if (value.is_null() && schema.contains("nullable")) return Fit::fits;
  if (rule.is_string()) {
    const std::string& name = rule.get_ref<const std::string&>();
    const Fit fit = of_type(value, name);
    return fit == Fit::fails ? say(fit, at, "is not of type " + name) : fit;
  }
  if (!rule.is_array() || rule.empty()) return Fit::unknown;
  Fit out = Fit::fails;
  for (const json& each : rule)
    out = std::min(out, each.is_string() ? of_type(value, each.get_ref<const std::string&>()) : Fit::unknown);
  return say(out, at, "is of none of its types");
}

Fit Validator::one_value_of(const json& rule, const json& schema, const json& value, const Place& at) {
  if (!rule.is_array() || (value.is_null() && schema.contains("nullable"))) return Fit::unknown;
  if (!spend(rule.size() + cost_of(value))) return Fit::unknown;
  return say(fit_if(std::find(rule.begin(), rule.end(), value) != rule.end()), at, "is none of its enum");
}

Fit Validator::constant(const json& rule, const json&, const json& value, const Place& at) {
  if (!spend(cost_of(value))) return Fit::unknown;
  return say(fit_if(rule == value), at, "is not its const");
}

const std::unordered_map<std::string_view, Validator::Check>& Validator::checks() {
  using V = Validator;
  static const std::unordered_map<std::string_view, Check> out{
      {"$ref", &V::ref},
      {"allOf", &V::all_of},
      {"anyOf", &V::any_of},
      {"oneOf", &V::one_of},
      {"not", &V::negated},
      {"if", &V::if_then},
      {"type", &V::type},
      {"enum", &V::one_value_of},
      {"const", &V::constant},
      {"properties", &V::properties},
      {"required", &V::required},
      {"patternProperties", &V::pattern_properties},
      {"additionalProperties", &V::additional_properties},
      {"propertyNames", &V::property_names},
      {"dependentRequired", &V::dependent},
      {"dependentSchemas", &V::dependent},
      {"dependencies", &V::dependent},
      {"prefixItems", &V::prefix_items},
      {"items", &V::items},
      {"additionalItems", &V::additional_items},
      {"contains", &V::contains},
      {"uniqueItems", &V::unique_items},
      {"minItems", &V::items_min},
      {"maxItems", &V::items_max},
      {"minLength", &V::length_min},
      {"maxLength", &V::length_max},
      {"minProperties", &V::properties_min},
      {"maxProperties", &V::properties_max},
      {"minimum", &V::minimum},
      {"maximum", &V::maximum},
      {"exclusiveMinimum", &V::exclusive_minimum},
      {"exclusiveMaximum", &V::exclusive_maximum},
      {"multipleOf", &V::multiple_of},
      {"pattern", &V::pattern},
      // These mean something, but are not supported.
      {"unevaluatedProperties", &V::unknown},
      {"unevaluatedItems", &V::unknown},
      {"$dynamicRef", &V::unknown},
      {"$recursiveRef", &V::unknown},
  };
  return out;
}

bool Validator::is_checked(std::string_view keyword) {
  const auto found = checks().find(keyword);
  return found != checks().end() && found->second != &Validator::unknown;
}

bool is_json(std::string_view text, bool object) {
  std::string padded;
  padded.reserve(text.size() + body_padding);
  padded.append(text).append(body_padding, '\0');
  JsonReader in(std::string_view(padded).substr(0, text.size()), document_depth_max);
  const bool right_kind = !object || in.kind() == JsonReader::Kind::object;
  in.skip();
  return in.finish() && right_kind;
}

std::optional<std::string> schema_problem(std::string_view schema, std::string_view document) {
  if (std::max(schema.size(), document.size()) > bytes_max) return std::nullopt;
  // The parser can handle any depth, the code that uses its result cannot.
  if (!is_json(schema, false) || !is_json(document, false)) return std::nullopt;
  const json rules = json::parse(schema, nullptr, false);
  const json value = json::parse(document, nullptr, false);
  if (rules.is_discarded() || value.is_discarded()) return std::nullopt;
  Validator validator(rules, document.size());
  if (validator.visit(rules, value, Place()) != Fit::fails) return std::nullopt;
  return validator.problem();
}

}  // namespace triage::verify
