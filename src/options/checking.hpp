#pragma once
// What a check of the configuration can ask and report. It sees the finished spec, knows where each value is in the
// files, and reports what no single value can show: names that must exist, options that contradict each other.
//
// A check that depends on a value asks intact() first, because a refused value was already complained about.

#include "options/origins.hpp"
#include "options/report.hpp"
#include "triage/spec.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace triage::options {

inline bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

template <class T>
std::vector<std::string> firsts_of(const std::vector<std::pair<std::string, T>>& pairs) {
  std::vector<std::string> names;
  for (const auto& pair : pairs) names.push_back(pair.first);
  return names;
}

template <class T>
std::vector<std::string> names_of(const std::vector<T>& sections) {
  std::vector<std::string> names;
  for (const T& section : sections) names.push_back(section.name);
  return names;
}

/// Where a route is, or an arm of its experiment.
Path path_of(const RouteSpec& route);

/// Everything it refers to must outlive it.
class Checking {
 public:
  Checking(const ConfigSpec& spec, const Origins& origins, Report& report)
      : spec_(spec), origins_(origins), report_(report) {}

  [[nodiscard]] const ConfigSpec& spec() const noexcept { return spec_; }

  void error(const Path& path, std::string message, std::string fix) const;
  void warning(const Path& path, std::string message, std::string fix) const;
  /// Reports "PATH: unknown WHAT 'name'" for a name that is not among `known`, which `section` defines.
  void unknown(const Path& path, std::string_view what, const std::string& name, const std::vector<std::string>& known,
               const std::string& section) const;
  void unknown_deployment(const Path& path, const std::string& name) const;
  /// Reports a tier that the route does not have.
  void own_tier(const RouteSpec& route, const std::string& tier, const Path& path) const;
  /// Reports also a tier that is not in the order. "" is no tier.
  void own_ordered_tier(const RouteSpec& route, const std::string& tier, const Path& path) const;
  /// The tier's index in the order; the order's size for a specialist or no tier.
  [[nodiscard]] std::ptrdiff_t position(const std::string& tier) const {
    return std::find(spec_.tiers.begin(), spec_.tiers.end(), tier) - spec_.tiers.begin();
  }

  [[nodiscard]] bool written(const Path& path) const { return origins_.find(path) != nullptr; }
  [[nodiscard]] bool intact(const Path& path) const { return origins_.intact(path); }
  [[nodiscard]] bool intact_inside(const Path& path) const { return origins_.intact_inside(path); }
  /// The value as written, in quotes.
  [[nodiscard]] std::string shown(const Path& path, std::string_view otherwise) const {
    return origins_.shown(path, otherwise);
  }
  /// FILE:LINE:COL
  [[nodiscard]] std::string place_of(const Path& path) const { return report_.name(origins_.place(path)); }

 protected:
  [[nodiscard]] std::string shown_name(const Path& path, const std::string& name) const;

  const ConfigSpec& spec_;
  const Origins& origins_;
  Report& report_;
};

}  // namespace triage::options
