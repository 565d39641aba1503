#pragma once
// Where a WebSocket goes: its model, and the deployments that may be asked.

#include "pipeline/passage.hpp"
#include "pipeline/steps.hpp"

#include <string>
#include <string_view>

namespace triage {

inline constexpr std::string_view realtime_path = "/v1/realtime";
inline constexpr std::string_view responses_path = "/v1/responses";

/// Whether there are WebSockets at that path.
inline bool takes_web_sockets(std::string_view path) noexcept {
  return path == realtime_path || path == responses_path;
}

/// The model that a query names, decoded; empty: none. Error: invalid_value (it is named twice).
Result<std::string> model_in_query(std::string_view query);

/// The query with `model` in the place of the one that it names, if any, and without `api-key`, which can only be
/// a key of the gateway's.
std::string query_with_model(std::string_view query, std::string_view model);

struct SocketRoute {
  const Policy* policy = nullptr;
  PassageTargets chosen;
};

/// Finds the route as for a call that passes through (passage.hpp); where no route names the path, as for a chat with
/// that model. Notes in the run's facts what it finds. Errors: not_found, model_not_found, route_not_allowed,
/// missing_parameter, capability_missing, untranslatable.
Result<SocketRoute> route_socket(RequestRun& run, std::string model);

}  // namespace triage
