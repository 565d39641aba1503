#include "app/arguments.hpp"

namespace triage {

bool Arguments::has(std::string_view name) const {
  return options_.contains(name);
}

std::string Arguments::value(std::string_view name) const {
  const auto found = options_.find(name);
  return found == options_.end() ? "" : found->second.back();
}

std::vector<std::string> Arguments::values(std::string_view name) const {
  const auto found = options_.find(name);
  return found == options_.end() ? std::vector<std::string>() : found->second;
}

}  // namespace triage
