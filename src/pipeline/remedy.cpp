// What a failure allows, and how long a provider wants to be left alone.
#include "pipeline/attempt.hpp"

#include <charconv>
#include <ctime>

namespace triage {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds pause_asked_max{3'600'000};  // more than that is a mistake of somebody's

std::optional<milliseconds> number_of(std::string_view text, std::int64_t unit_ms) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !(value >= 0)) return std::nullopt;
  const double asked = value * static_cast<double>(unit_ms);
  return milliseconds(asked < static_cast<double>(pause_asked_max.count()) ? static_cast<std::int64_t>(asked)
                                                                           : pause_asked_max.count());
}

}  // namespace

CallTimeouts timeouts_within(const TimeoutsSpec& spec, milliseconds left) {
  CallTimeouts out;
  out.connect = std::min(spec.connect, left);
  out.first_byte = std::min(spec.first_byte, left);
  out.idle = spec.idle;
  out.total = left;
  return out;
}

Remedy remedy_for(const Error& error) noexcept {
  switch (error.code) {
    case ErrorCode::upstream_unreachable:
    case ErrorCode::upstream_bad_response:
    case ErrorCode::upstream_truncated:
    case ErrorCode::upstream_error: return Remedy::anywhere;
    case ErrorCode::upstream_tls_failed:
    case ErrorCode::upstream_connect_timeout:
    case ErrorCode::upstream_first_byte_timeout:
    case ErrorCode::upstream_idle_timeout:
    case ErrorCode::upstream_total_timeout:
    case ErrorCode::upstream_too_large: return Remedy::elsewhere;
    default: return Remedy::none;
  }
}

Remedy remedy_for_status(int status, std::string_view body) noexcept {
  if (status == 408 || status == 429 || status >= 500) return status == 501 ? Remedy::elsewhere : Remedy::anywhere;
  if (status < 400 || status == 401 || status == 403 || status == 404) return Remedy::elsewhere;
  const bool too_long = body.find("context_length_exceeded") != std::string_view::npos ||
                        body.find("maximum context length") != std::string_view::npos;
  return too_long ? Remedy::larger_window : Remedy::none;
}

std::optional<milliseconds> asked_pause(const std::vector<Field>& fields, std::time_t now) {
  if (const auto field = find_field(fields, "retry-after-ms"))
    if (const auto asked = number_of(*field, 1)) return asked;
  const auto field = find_field(fields, "retry-after");
  if (!field) return std::nullopt;
  if (const auto asked = number_of(*field, 1000)) return asked;
  std::tm parts{};
  const std::string text(*field);
  const char* const end = strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  if (end == nullptr || *end != '\0') return std::nullopt;
  const std::int64_t seconds = std::max<std::int64_t>(0, timegm(&parts) - now);
  return std::min<milliseconds>(std::chrono::seconds(seconds), pause_asked_max);
}

}  // namespace triage
