#include "triage/error.hpp"

#include <array>
#include <stdexcept>

namespace triage {
namespace {

constexpr std::string_view invalid_request = "invalid_request_error";
constexpr std::string_view server_error = "server_error";
constexpr auto client = ErrorSource::client;
constexpr auto gateway = ErrorSource::gateway;
constexpr auto upstream = ErrorSource::upstream;

// In the order of ErrorCode. docs/errors.md is checked against this table.
constexpr std::array<ErrorTraits, error_code_count> table{{
    {"malformed_http", 400, client, false, invalid_request},
    {"head_too_large", 431, client, false, invalid_request},
    {"uri_too_long", 414, client, false, invalid_request},
    {"body_too_large", 413, client, false, invalid_request},
    {"request_timeout", 408, client, true, invalid_request},
    {"http_version_not_supported", 505, client, false, invalid_request},
    {"unsupported_transfer_coding", 501, client, false, invalid_request},
    {"unsupported_content_coding", 415, client, false, invalid_request},
    {"expectation_failed", 417, client, false, invalid_request},
    {"invalid_json", 400, client, false, invalid_request},
    {"json_too_deep", 400, client, false, invalid_request},
    {"invalid_value", 400, client, false, invalid_request},
    {"missing_required_parameter", 400, client, false, invalid_request},
    {"invalid_api_key", 401, client, false, invalid_request},
    {"route_not_allowed", 403, client, false, invalid_request},
    {"model_not_found", 404, client, false, invalid_request},
    {"capability_missing", 400, client, false, invalid_request},
    {"context_length_exceeded", 400, client, false, invalid_request},
    {"untranslatable", 400, client, false, invalid_request},
    {"not_found", 404, client, false, invalid_request},
    {"method_not_allowed", 405, client, false, invalid_request},
    {"origin_not_allowed", 403, client, false, invalid_request},
    {"host_not_allowed", 421, client, false, invalid_request},
    {"upgrade_required", 426, client, false, invalid_request},
    {"invalid_config", 422, client, false, invalid_request},
    {"conflict", 409, client, false, invalid_request},
    {"request_not_found", 404, client, false, invalid_request},
    {"feedback_closed", 403, client, false, invalid_request},
    {"client_gone", 499, client, false, invalid_request},
    {"overloaded", 503, gateway, true, server_error},
    {"shutting_down", 503, gateway, true, server_error},
    {"internal_error", 500, gateway, true, server_error},
    {"upstream_unreachable", 502, upstream, true, server_error},
    {"upstream_tls_failed", 502, upstream, true, server_error},
    {"upstream_connect_timeout", 504, upstream, true, server_error},
    {"upstream_first_byte_timeout", 504, upstream, true, server_error},
    {"upstream_idle_timeout", 504, upstream, true, server_error},
    {"upstream_total_timeout", 504, upstream, true, server_error},
    {"upstream_bad_response", 502, upstream, true, server_error},
    {"upstream_truncated", 502, upstream, true, server_error},
    {"upstream_too_large", 502, upstream, true, server_error},
    {"upstream_refused_key", 502, upstream, true, server_error},
    {"upstream_refused_model", 502, upstream, true, server_error},
    {"upstream_error", 502, upstream, true, server_error},
    {"answer_rejected", 502, upstream, true, server_error},
}};

static_assert(table.back().name == "answer_rejected");

}  // namespace

const ErrorTraits& traits(ErrorCode code) noexcept {
  return table[static_cast<std::size_t>(code)];
}

void throw_exception_from_error(const Error& error, const boost::source_location& where) {
  throw std::logic_error("value taken of a failed Result: " + error.message + " (" + where.to_string() + ")");
}

}  // namespace triage
