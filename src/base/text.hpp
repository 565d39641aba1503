#pragma once

#include <string>
#include <string_view>

namespace triage {

/// 'name'
inline std::string quoted(std::string_view name) {
  return "'" + std::string(name) + "'";
}

}  // namespace triage
