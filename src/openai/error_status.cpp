#include "openai/error_status.hpp"

#include <charconv>
#include <utility>

namespace triage {

int error_status(std::string_view code) noexcept {
  constexpr std::pair<std::string_view, int> words[] = {
      {"rate_limit_exceeded", 429}, {"insufficient_quota", 429}, {"too_many_requests", 429},
      {"invalid_api_key", 401},     {"model_not_found", 404},    {"server_overloaded", 503},
      {"overloaded_error", 503},    {"rate_limit_error", 429},   {"context_length_exceeded", 400},
  };
  for (const auto& [word, status] : words)
    if (word == code) return status;
  int value = 0;
  const auto [end, error] = std::from_chars(code.data(), code.data() + code.size(), value);
  const bool whole = error == std::errc() && end == code.data() + code.size();
  return whole && value >= 400 && value <= 599 ? value : 0;
}

}  // namespace triage
