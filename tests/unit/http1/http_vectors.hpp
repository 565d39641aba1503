#pragma once
// The HTTP vectors that are shared between projects: not part of this repository, so tests that need them may skip.

#include <nlohmann/json.hpp>

#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>

namespace triage::test {

/// The JSON file data/http/`name` of the shared folder, or nullopt where there is no such folder.
inline std::optional<nlohmann::json> shared_http_vectors(std::string_view name) {
  const char* configured = std::getenv("TRIAGE_SHARED");
  const std::string folder = configured != nullptr ? configured : TRIAGE_SOURCE_DIR "/../shared";
  std::ifstream file(folder + "/data/http/" + std::string(name));
  if (!file) return std::nullopt;
  return nlohmann::json::parse(file);
}

inline std::string from_base64(std::string_view text) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  unsigned bits = 0;
  int count = 0;
  for (const char digit : text) {
    const std::size_t value = digits.find(digit);
    if (value == std::string_view::npos) break;
    bits = bits << 6 | static_cast<unsigned>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>(bits >> count & 0xff);
  }
  return bytes;
}

}  // namespace triage::test
