#include "config/gateway_key.hpp"

#include "base/ascii.hpp"
#include "base/ids.hpp"
#include "base/sha256.hpp"
#include "options/values.hpp"

#include <algorithm>
#include <array>

namespace triage {
namespace {

// As YAML in flow style: without quotes if every reader takes it for a text.
std::string yaml_text(std::string_view name) {
  constexpr std::array<std::string_view, 8> words{"null", "true", "false", "yes", "no", "on", "off", "~"};
  const bool bare =
      is_letter(name.front()) &&
      std::all_of(name.begin(), name.end(), [](char c) { return is_alphanumeric(c) || c == '-' || c == '_'; }) &&
      std::none_of(words.begin(), words.end(), [&](std::string_view word) {
        return std::equal(word.begin(), word.end(), name.begin(), name.end(),
                          [](char a, char b) { return a == (b | 0x20); });
      });
  return bare ? std::string(name) : "\"" + std::string(name) + "\"";
}

}  // namespace

Result<NewKey> new_gateway_key(std::string_view name, const std::vector<std::string>& routes) {
  const auto refuse = [](const std::string& what, std::string_view text, const Refusal& refusal) {
    return Error{ErrorCode::invalid_value, what + " '" + std::string(text) + "': " + std::string(refusal.reason) +
                                               ": " + std::string(refusal.fix)};
  };
  if (const Refusal refusal = check_name(name)) return refuse("name", name, refusal);
  std::string list;
  for (const std::string& route : routes) {
    if (const Refusal refusal = check_name(route)) return refuse("route", route, refusal);
    list += (list.empty() ? "" : ", ") + yaml_text(route);
  }
  NewKey key;
  key.secret = "tk_" + random_secret(43);
  key.sha256_hex = format_hex(sha256(key.secret));
  key.yaml_line = "- {name: " + yaml_text(name) + ", sha256: \"" + key.sha256_hex + "\"";
  if (!list.empty()) key.yaml_line += ", routes: [" + list + "]";
  key.yaml_line += "}";
  return key;
}

}  // namespace triage
