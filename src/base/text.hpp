#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace triage {

/// 'name'. (Not called quoted: for a std::string that also names std::quoted, wherever <iomanip> is included.)
inline std::string quoted_name(std::string_view name) {
  return "'" + std::string(name) + "'";
}

/// "a, b, c"
inline std::string joined(const std::vector<std::string>& parts, std::string_view between = ", ") {
  std::string out;
  for (const std::string& part : parts) {
    if (&part != parts.data()) out += between;
    out += part;
  }
  return out;
}

}  // namespace triage
