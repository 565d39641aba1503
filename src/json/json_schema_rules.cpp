// The rules for objects, arrays, texts and numbers, in that order.
#include "json/json_schema_walk.hpp"
#include "triage/request.hpp"

#include <cmath>
#include <vector>

namespace triage::verify {
namespace {

constexpr std::size_t patterns_max = 64;  // compiled per document

std::size_t characters_in(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

}  // namespace

Fit Validator::properties(const json& rule, const json&, const json& value, const Place& at) {
  if (!value.is_object()) return Fit::fits;
  if (!rule.is_object() || !spend(rule.size() / 4)) return Fit::unknown;
  Fit out = Fit::fits;
  for (auto member = rule.begin(); member != rule.end() && out != Fit::fails; ++member) {
    const auto found = value.find(member.key());
    if (found != value.end()) out = both(out, visit(member.value(), *found, Place{&at, member.key(), 0, false}));
  }
  return out;
}

Fit Validator::required(const json& rule, const json&, const json& value, const Place& at) {
  if (!value.is_object()) return Fit::fits;
  if (!rule.is_array() || !spend(rule.size() / 4)) return Fit::unknown;
  for (const json& name : rule)
    if (name.is_string() && !value.contains(name.get_ref<const std::string&>()))
      return say(Fit::fails, at, "lacks \"" + name.get_ref<const std::string&>() + "\"");
  return Fit::fits;
}

Fit Validator::pattern_properties(const json& rule, const json&, const json& value, const Place& at) {
  if (!value.is_object()) return Fit::fits;
  if (!rule.is_object()) return Fit::unknown;
  Fit out = Fit::fits;
  for (auto entry = rule.begin(); entry != rule.end(); ++entry) {
    const Regex* expression = regex(entry.key());
    if (expression == nullptr) out = both(out, Fit::unknown);
    for (auto member = value.begin(); expression != nullptr && member != value.end() && out != Fit::fails; ++member)
      if (!spend(1 + member.key().size() / 128))
        return Fit::unknown;
      else if (expression->found_in(member.key()))
        out = both(out, visit(entry.value(), member.value(), Place{&at, {}, 0, false}));
  }
  return out;
}

Fit Validator::additional_properties(const json& rule, const json& schema, const json& value, const Place& at) {
  if (!value.is_object()) return Fit::fits;
  const auto named = schema.find("properties");
  const auto patterns = schema.find("patternProperties");
  Fit out = Fit::fits;
  for (auto member = value.begin(); member != value.end() && out != Fit::fails; ++member) {
    bool known = named != schema.end() && named->is_object() && named->contains(member.key());
    bool unclear = false;
    if (patterns != schema.end() && patterns->is_object())
      for (auto entry = patterns->begin(); entry != patterns->end() && !known; ++entry) {
        const Regex* expression = regex(entry.key());
        unclear = unclear || expression == nullptr;
        known = expression != nullptr && expression->found_in(member.key());
        if (!spend(1 + member.key().size() / 128)) return Fit::unknown;
      }
    if (known) continue;
    const Fit fit = unclear ? Fit::unknown : visit(rule, member.value(), Place{&at, {}, 0, false});
    out = both(out, fit);
  }
  return out;
}

Fit Validator::property_names(const json& rule, const json&, const json& value, const Place& at) {
  if (!value.is_object()) return Fit::fits;
  Fit out = Fit::fits;
  for (auto member = value.begin(); member != value.end() && out != Fit::fails; ++member)
    out = both(out, try_fit(rule, json(member.key()), at));
  return say(out, at, "has a name that propertyNames excludes");
}

// dependentRequired, dependentSchemas, and `dependencies`, which used to be both.
Fit Validator::dependent(const json& rule, const json& schema, const json& value, const Place& at) {
  if (!value.is_object()) return Fit::fits;
  if (!rule.is_object()) return Fit::unknown;
  Fit out = Fit::fits;
  for (auto entry = rule.begin(); entry != rule.end() && out != Fit::fails; ++entry)
    if (value.contains(entry.key()))
      out = both(
          out, entry.value().is_array() ? required(entry.value(), schema, value, at) : visit(entry.value(), value, at));
  return out;
}

Fit Validator::prefix_items(const json& rule, const json&, const json& value, const Place& at) {
  if (!value.is_array()) return Fit::fits;
  if (!rule.is_array()) return Fit::unknown;
  Fit out = Fit::fits;
  for (std::size_t i = 0; i < std::min(rule.size(), value.size()) && out != Fit::fails; ++i)
    out = both(out, visit(rule[i], value[i], Place{&at, {}, i, true}));
  return out;
}

Fit Validator::items_from(std::size_t first, const json& rule, const json& value, const Place& at) {
  Fit out = Fit::fits;
  for (std::size_t i = first; i < value.size() && out != Fit::fails; ++i)
    out = both(out, visit(rule, value[i], Place{&at, {}, i, true}));
  return out;
}

// Up to draft 2019-09, an array of schemas here was what prefixItems is now.
Fit Validator::items(const json& rule, const json& schema, const json& value, const Place& at) {
  if (!value.is_array()) return Fit::fits;
  if (rule.is_array()) return prefix_items(rule, schema, value, at);
  const auto before = schema.find("prefixItems");
  return items_from(before != schema.end() && before->is_array() ? before->size() : 0, rule, value, at);
}

Fit Validator::additional_items(const json& rule, const json& schema, const json& value, const Place& at) {
  const auto before = schema.find("items");
  if (!value.is_array() || before == schema.end() || !before->is_array()) return Fit::fits;
  return items_from(before->size(), rule, value, at);
}

Fit Validator::contains(const json& rule, const json& schema, const json& value, const Place& at) {
  if (!value.is_array()) return Fit::fits;
  const auto count_of = [&](const char* name) {
    const auto found = schema.find(name);
    return found == schema.end() ? std::nullopt : number_in(*found);
  };
  std::size_t fitting = 0;
  std::size_t open = 0;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const Fit fit = try_fit(rule, value[i], Place{&at, {}, i, true});
    fitting += fit == Fit::fits ? 1 : 0;
    open += fit == Fit::unknown ? 1 : 0;
  }
  const Number least = count_of("minContains").value_or(1);
  const std::optional<Number> most = count_of("maxContains");
  if (static_cast<Number>(fitting + open) < least) return say(Fit::fails, at, "contains too few of what it must");
  if (most && static_cast<Number>(fitting) > *most) return say(Fit::fails, at, "contains too many of what it may");
  return open > 0 ? Fit::unknown : Fit::fits;
}

Fit Validator::unique_items(const json& rule, const json&, const json& value, const Place& at) {
  if (!value.is_array() || !rule.is_boolean() || !rule.get<bool>()) return Fit::fits;
  if (!spend(value.size() + bytes_ / 64)) return Fit::unknown;
  std::vector<const json*> sorted;
  sorted.reserve(value.size());
  for (const json& each : value) sorted.push_back(&each);
  std::sort(sorted.begin(), sorted.end(), [](const json* a, const json* b) { return *a < *b; });
  const auto twice =
      std::adjacent_find(sorted.begin(), sorted.end(), [](const json* a, const json* b) { return *a == *b; });
  return say(fit_if(twice == sorted.end()), at, "has an item twice");
}

Fit Validator::bound(const json& rule, std::optional<Number> size, bool least, const Place& at, std::string_view what) {
  if (!size) return Fit::fits;
  const std::optional<Number> limit = number_in(rule);
  if (!limit) return Fit::unknown;
  return say(fit_if(least ? *size >= *limit : *size <= *limit), at, what);
}

Fit Validator::items_min(const json& rule, const json&, const json& value, const Place& at) {
  return bound(rule, size_if(value.is_array(), value.size()), true, at, "has too few items");
}
Fit Validator::items_max(const json& rule, const json&, const json& value, const Place& at) {
  return bound(rule, size_if(value.is_array(), value.size()), false, at, "has too many items");
}
Fit Validator::properties_min(const json& rule, const json&, const json& value, const Place& at) {
  return bound(rule, size_if(value.is_object(), value.size()), true, at, "has too few members");
}
Fit Validator::properties_max(const json& rule, const json&, const json& value, const Place& at) {
  return bound(rule, size_if(value.is_object(), value.size()), false, at, "has too many members");
}

Fit Validator::length_min(const json& rule, const json&, const json& value, const Place& at) {
  return bound(rule, length_of(value), true, at, "is too short");
}
Fit Validator::length_max(const json& rule, const json&, const json& value, const Place& at) {
  return bound(rule, length_of(value), false, at, "is too long");
}
std::optional<Number> Validator::length_of(const json& value) {
  if (!value.is_string()) return std::nullopt;
  return static_cast<Number>(characters_in(value.get_ref<const std::string&>()));
}

Fit Validator::minimum(const json& rule, const json& schema, const json& value, const Place& at) {
  const auto open = schema.find("exclusiveMinimum");  // a flag in draft 4
  const bool excluded = open != schema.end() && *open == true;
  if (excluded && number_in(value) && number_in(value) == number_in(rule)) return say(Fit::fails, at, "is too small");
  return bound(rule, number_in(value), true, at, "is too small");
}
Fit Validator::maximum(const json& rule, const json& schema, const json& value, const Place& at) {
  const auto open = schema.find("exclusiveMaximum");
  const bool excluded = open != schema.end() && *open == true;
  if (excluded && number_in(value) && number_in(value) == number_in(rule)) return say(Fit::fails, at, "is too large");
  return bound(rule, number_in(value), false, at, "is too large");
}
Fit Validator::exclusive_minimum(const json& rule, const json&, const json& value, const Place& at) {
  if (!number_in(value) || rule.is_boolean()) return Fit::fits;
  if (!number_in(rule)) return Fit::unknown;
  return say(fit_if(*number_in(value) > *number_in(rule)), at, "is too small");
}
Fit Validator::exclusive_maximum(const json& rule, const json&, const json& value, const Place& at) {
  if (!number_in(value) || rule.is_boolean()) return Fit::fits;
  if (!number_in(rule)) return Fit::unknown;
  return say(fit_if(*number_in(value) < *number_in(rule)), at, "is too large");
}

// 0.0075 is a multiple of 0.0001, whatever binary fractions make of that.
Fit Validator::multiple_of(const json& rule, const json&, const json& value, const Place& at) {
  const std::optional<Number> number = number_in(value);
  const std::optional<Number> unit = number_in(rule);
  if (!number) return Fit::fits;
  if (!unit || !(*unit > 0)) return Fit::unknown;
  const Number times = *number / *unit;
  if (!std::isfinite(times)) return Fit::unknown;
  return say(fit_if(std::abs(times - std::round(times)) <= 1e-9L * std::max<Number>(1, std::abs(times)) &&
                    (value.is_number_float() || rule.is_number_float() || std::fmod(*number, *unit) == 0)),
             at, "is not a multiple of what it must be");
}

Fit Validator::pattern(const json& rule, const json&, const json& value, const Place& at) {
  if (!value.is_string()) return Fit::fits;
  const Regex* expression = rule.is_string() ? regex(rule.get_ref<const std::string&>()) : nullptr;
  if (expression == nullptr) return Fit::unknown;
  return say(fit_if(expression->found_in(value.get_ref<const std::string&>())), at, "does not match its pattern");
}

const Regex* Validator::regex(const std::string& text) {
  auto found = patterns_.find(text);
  if (found == patterns_.end()) {
    if (patterns_.size() >= patterns_max) return nullptr;
    found = patterns_.emplace(text, Regex(text)).first;
  }
  return found->second.usable() ? &found->second : nullptr;
}

}  // namespace triage::verify
