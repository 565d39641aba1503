#pragma once
// JSON that a record keeps as text: its members, and whether it is JSON at all (a prompt that was cut off is not).

#include "json/json.hpp"
#include "triage/body_padding.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace triage::ledger {

/// Empty: there is no such member, or it is no text.
inline std::string text_member(const nlohmann::json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

inline std::optional<double> number_member(const nlohmann::json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_number() ? std::optional(found->get<double>()) : std::nullopt;
}

inline bool is_json(std::string_view text) {
  std::string padded(text);
  padded.append(body_padding, '\0');
  JsonReader in(std::string_view(padded).substr(0, text.size()));
  return in.skip() && in.finish();
}

}  // namespace triage::ledger
