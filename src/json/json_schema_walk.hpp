#pragma once
// One document against one schema. Only json_schema.cpp and json_schema_rules.cpp include this.

#include "text/regex.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace triage::verify {

using nlohmann::json;

inline constexpr std::size_t steps_max = 50'000;

enum class Fit : std::uint8_t { fits, unknown, fails };

inline Fit both(Fit a, Fit b) {
  return std::max(a, b);
}
inline Fit fit_if(bool holds) {
  return holds ? Fit::fits : Fit::fails;
}

// A path in the document, linked from its end to its beginning.
struct Place {
  const Place* up = nullptr;
  std::string_view name;  // of a member; empty: the element `index`, or a member whose name the schema does not mention
  std::size_t index = 0;
  bool element = false;

  [[nodiscard]] std::string text() const {
    if (up == nullptr) return "";
    return up->text() + "/" + (element ? std::to_string(index) : name.empty() ? "*" : std::string(name));
  }
};

using Number = long double;  // holds every integer of 64 bits on x86

std::optional<Number> number_in(const json& value);

class Validator {
 public:
  /// `bytes`: the document's size.
  Validator(const json& root, std::size_t bytes) : root_(root), bytes_(bytes) {
    const auto dialect = root.is_object() ? root.find("$schema") : root.end();
    ref_alone_ = root.is_object() && dialect != root.end() && dialect->is_string() &&
                 dialect->get_ref<const std::string&>().find("draft-0") != std::string::npos;
  }
  Fit visit(const json& schema, const json& value, const Place& at);
  [[nodiscard]] const std::string& problem() const noexcept { return problem_; }
  /// Whether a schema's member called `keyword` is checked.
  static bool is_checked(std::string_view keyword);

 private:
  using Check = Fit (Validator::*)(const json& rule, const json& schema, const json& value, const Place& at);
  static const std::unordered_map<std::string_view, Check>& checks();

  // Counts steps of about 100 ns each. False: there have been too many.
  bool spend(std::size_t steps) { return (steps_ += steps) <= steps_max; }
  // The steps of reading `value` once.
  [[nodiscard]] std::size_t cost_of(const json& value) const {
    if (value.is_string()) return value.get_ref<const std::string&>().size() / 128;
    return value.is_structured() ? bytes_ / 128 : 0;
  }

  Fit say(Fit fit, const Place& at, std::string_view what) {
    if (fit != Fit::fails || quiet_ > 0 || !problem_.empty()) return fit;
    const std::string place = at.text();
    problem_ = (place.empty() ? "it" : place) + " " + std::string(what);
    return fit;
  }
  // Checks without remembering what fails.
  Fit try_fit(const json& schema, const json& value, const Place& at) {
    ++quiet_;
    const Fit out = visit(schema, value, at);
    --quiet_;
    return out;
  }
  Fit unknown(const json&, const json&, const json&, const Place&) { return Fit::unknown; }

  // References and combinations
  const json* resolve(std::string_view reference) const;
  Fit ref(const json& rule, const json&, const json& value, const Place& at);
  Fit all_of(const json& rule, const json&, const json& value, const Place& at);
  Fit any_of(const json& rule, const json&, const json& value, const Place& at);
  Fit one_of(const json& rule, const json&, const json& value, const Place& at);
  Fit negated(const json& rule, const json&, const json& value, const Place& at);
  Fit if_then(const json& rule, const json& schema, const json& value, const Place& at);

  // Any value
  Fit type(const json& rule, const json& schema, const json& value, const Place& at);
  Fit one_value_of(const json& rule, const json&, const json& value, const Place& at);
  Fit constant(const json& rule, const json&, const json& value, const Place& at);

  // Objects
  Fit properties(const json& rule, const json&, const json& value, const Place& at);
  Fit required(const json& rule, const json&, const json& value, const Place& at);
  Fit pattern_properties(const json& rule, const json&, const json& value, const Place& at);
  Fit additional_properties(const json& rule, const json& schema, const json& value, const Place& at);
  Fit property_names(const json& rule, const json&, const json& value, const Place& at);
  Fit dependent(const json& rule, const json&, const json& value, const Place& at);

  // Arrays
  Fit prefix_items(const json& rule, const json&, const json& value, const Place& at);
  Fit items(const json& rule, const json& schema, const json& value, const Place& at);
  Fit additional_items(const json& rule, const json& schema, const json& value, const Place& at);
  Fit items_from(std::size_t first, const json& rule, const json& value, const Place& at);
  Fit contains(const json& rule, const json& schema, const json& value, const Place& at);
  Fit unique_items(const json& rule, const json&, const json& value, const Place& at);

  // Sizes and numbers
  Fit bound(const json& rule, std::optional<Number> size, bool least, const Place& at, std::string_view what);
  static std::optional<Number> length_of(const json& value);
  static std::optional<Number> size_if(bool applies, std::size_t size) {
    return applies ? std::optional<Number>(static_cast<Number>(size)) : std::nullopt;
  }
  Fit items_min(const json& rule, const json& schema, const json& value, const Place& at);
  Fit items_max(const json& rule, const json& schema, const json& value, const Place& at);
  Fit properties_min(const json& rule, const json& schema, const json& value, const Place& at);
  Fit properties_max(const json& rule, const json& schema, const json& value, const Place& at);
  Fit length_min(const json& rule, const json& schema, const json& value, const Place& at);
  Fit length_max(const json& rule, const json& schema, const json& value, const Place& at);
  Fit minimum(const json& rule, const json& schema, const json& value, const Place& at);
  Fit maximum(const json& rule, const json& schema, const json& value, const Place& at);
  Fit exclusive_minimum(const json& rule, const json& schema, const json& value, const Place& at);
  Fit exclusive_maximum(const json& rule, const json& schema, const json& value, const Place& at);
  Fit multiple_of(const json& rule, const json&, const json& value, const Place& at);
  Fit pattern(const json& rule, const json&, const json& value, const Place& at);

  const Regex* regex(const std::string& text);

  const json& root_;
  bool ref_alone_ = false;  // up to draft 7 a $ref overrides all other members of its schema
  std::string problem_;
  const std::size_t bytes_;
  std::size_t steps_ = 0;
  std::size_t levels_ = 0;
  int quiet_ = 0;
  std::map<std::string, Regex, std::less<>> patterns_;
};

}  // namespace triage::verify
