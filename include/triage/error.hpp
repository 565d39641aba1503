#pragma once
// What can go wrong with a request, and what each failure means to the client, to retries and to accounting.
// One table (src/base/error.cpp) maps a code to its HTTP status, its OpenAI `type` and its source; docs/errors.md lists
// it.

#include <boost/system/result.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace triage {

enum class ErrorCode : std::uint8_t {
  // the client's doing
  malformed_http,
  head_too_large,
  uri_too_long,
  body_too_large,
  request_timeout,
  http_version_not_supported,
  unsupported_transfer_coding,
  unsupported_content_coding,
  expectation_failed,
  invalid_json,
  json_too_deep,
  invalid_value,
  missing_parameter,
  invalid_api_key,
  route_not_allowed,
  model_not_found,
  capability_missing,
  context_length_exceeded,
  untranslatable,
  not_found,
  method_not_allowed,
  origin_not_allowed,
  host_not_allowed,
  upgrade_required,
  invalid_config,
  conflict,
  request_not_found,
  feedback_closed,
  client_gone,
  // the gateway's doing
  overloaded,
  shutting_down,
  internal_error,
  // the provider's doing
  upstream_unreachable,
  upstream_tls_failed,
  upstream_connect_timeout,
  upstream_first_byte_timeout,
  upstream_idle_timeout,
  upstream_total_timeout,
  upstream_bad_response,
  upstream_truncated,
  upstream_too_large,
  upstream_refused_key,
  upstream_refused_model,
  upstream_error,
  answer_rejected,  ///< by a verifier; clients never see it
};

inline constexpr std::size_t error_code_count = static_cast<std::size_t>(ErrorCode::answer_rejected) + 1;

/// Whose fault it is. This decides who may retry, and whether it counts against a deployment or an experiment's arm.
enum class ErrorSource : std::uint8_t { client, gateway, upstream };

struct ErrorTraits {
  std::string_view name;  ///< `error.code` on the wire and the metric label; stable
  int status;             ///< HTTP status, 400..599
  ErrorSource source;
  bool retryable;         ///< another attempt, elsewhere or later, may succeed
  std::string_view type;  ///< OpenAI's `error.type`
};

const ErrorTraits& traits(ErrorCode code) noexcept;

struct Error {
  ErrorCode code = ErrorCode::internal_error;
  std::string message;                                   ///< names the field, the value and the fix; never a secret
  std::string param = {};                                ///< JSON path or field at fault, empty if none
  std::optional<std::chrono::seconds> retry_after = {};  ///< becomes the `retry-after` header
  int status = 0;  ///< with upstream_error: the HTTP status that the provider names inside an answer; 0: none
  std::string_view allow = {};  ///< with method_not_allowed: the `allow` header, in static storage
};

/// The result of a data-plane function, which does not throw. `error()` returns by value (Boost 1.81).
template <class T>
using Result = boost::system::result<T, Error>;

/// Boost calls this when `value()` is taken of a failed Result, which is a bug in the caller.
[[noreturn]] void throw_exception_from_error(const Error& error, const boost::source_location& where);

}  // namespace triage
