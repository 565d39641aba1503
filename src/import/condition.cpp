#include "import/condition.hpp"

#include "import/imported.hpp"

#include <algorithm>
#include <cmath>

namespace triage::imports {
namespace {

std::string joined(const char* word, const std::vector<std::string>& conditions) {
  return conditions.size() == 1 ? conditions[0] : yaml_map({{word, yaml_list(conditions)}});
}

}  // namespace

std::string all_of(const std::vector<std::string>& conditions) {
  return joined("all", conditions);
}

std::string any_of(const std::vector<std::string>& conditions) {
  return joined("any", conditions);
}

std::string not_of(const std::string& condition) {
  return yaml_map({{"not", condition}});
}

std::string metadata_is(std::string_view name, std::string_view glob) {
  return yaml_map({{"metadata", yaml_map({{std::string(name), yaml_text(glob)}})}});
}

std::string no_metadata(std::string_view name) {
  return not_of(metadata_is(name, "*"));
}

std::string bounded(std::string_view field, std::string_view bound, double number) {
  double whole = std::clamp(number, 0.0, 1e12);
  // Counts are whole numbers: x > 1.5 is x >= 2.
  if (whole != std::floor(whole)) {
    const bool from = bound == "gt" || bound == "gte";
    return bounded(field, from ? "gte" : "lte", from ? std::ceil(whole) : std::floor(whole));
  }
  return yaml_map({{std::string(field), yaml_map({{std::string(bound), std::to_string(std::llround(whole))}})}});
}

}  // namespace triage::imports
