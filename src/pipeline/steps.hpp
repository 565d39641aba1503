#pragma once
// The ways a request can take, depending on its path. The client has not been told of a failure that they return.

#include "pipeline/answer/response.hpp"
#include "pipeline/outcome/request_outcome.hpp"
#include "triage/exchange.hpp"
#include "triage/router.hpp"

#include <cstdint>
#include <optional>

namespace triage {

/// One request from its head to its end.
struct RequestRun {
  const Snapshot& snapshot;
  const Services& services;
  Exchange& exchange;
  std::uint64_t ticket = 0;
  std::optional<ApiRequest> request{};  ///< as parsed; the outcome refers to it, and to the next member
  std::optional<RoutingInput> input{};
  RequestOutcome outcome;
  Response response;

  RequestRun(const Snapshot& of, const Services& with, Exchange& one, std::uint64_t number);
  RequestRun(const RequestRun&) = delete;
  RequestRun& operator=(const RequestRun&) = delete;
};

/// Serves chat/completions, completions, embeddings, messages: read, check, route, answer.
Async<MaybeFailure> handle_api(RequestRun& run, Api api);

/// Reads the request into `run`, in the form of the API at its path. Errors: those of ClientApi::parse.
Async<Result<void>> read_request(RequestRun& run, Api api);

/// Serves messages/count_tokens: asks the provider, if the deployment that would answer speaks that dialect; otherwise
/// the answer is an estimate.
Async<MaybeFailure> count_tokens(RequestRun& run);

/// Passes the request, whose body is held, on to one of `targets` under its own model's name.
Async<MaybeFailure> pass_to(RequestRun& run, const Policy& policy, std::string_view body, std::vector<Target> targets);

/// Serves GET /v1/models and /v1/models/{id}.
Async<MaybeFailure> handle_models(RequestRun& run);

/// Serves POST /v1/feedback.
Async<MaybeFailure> handle_feedback(RequestRun& run);

/// Answers a request for an upgrade: serves the WebSockets of /v1/realtime and /v1/responses, refuses all others.
Async<MaybeFailure> handle_web_socket(RequestRun& run);

/// Serves every other path below /v1, passing both bodies through byte for byte.
Async<MaybeFailure> pass_through(RequestRun& run);

}  // namespace triage
