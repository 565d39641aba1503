#pragma once
// An API that clients speak: reads their requests, writes answers and errors in their form. Adding one: a file in
// src/clients, a line in its list, a test.

#include "triage/answer.hpp"
#include "triage/error.hpp"
#include "triage/request.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace triage {

/// Immutable, used by all loops at once.
class ClientApi {
 public:
  virtual ~ClientApi() = default;
  [[nodiscard]] virtual std::string_view name() const noexcept = 0;

  /// Checks all of `body` (body_padding readable bytes behind, valid as long as the result) and notes where in it
  /// things stand. Errors: invalid_json, json_too_deep, invalid_value, missing_parameter.
  [[nodiscard]] virtual Result<ApiRequest> parse(Api api, std::string_view body, std::uint32_t depth_max) const = 0;

  /// Appends `event` as the client is to read it: the provider's own bytes where both speak the same API.
  virtual void add_event(const AnswerEvent& event, std::string& out) const = 0;

  /// What ends a stream whose answer is whole.
  [[nodiscard]] virtual std::string_view stream_end() const noexcept = 0;

  /// A whole answer as the events of a stream, without stream_end(), for a client that asked for one. Empty: `body`
  /// cannot be said so.
  [[nodiscard]] virtual std::string as_stream(const ApiRequest& request, std::string_view body) const = 0;

  /// The body of an error reply.
  [[nodiscard]] virtual std::string error_body(const Error& error) const = 0;

  /// An error's body as the last event of a stream.
  [[nodiscard]] virtual std::string error_event(std::string_view error_body) const = 0;
};

}  // namespace triage
