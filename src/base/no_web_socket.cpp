// What has no WebSockets: the admin address, the simulator, and what tests put in the place of a connection.
#include "triage/exchange.hpp"
#include "triage/upstream.hpp"

namespace triage {
namespace {

Error unsupported() {
  return {ErrorCode::internal_error, "WebSockets are not served here"};
}

}  // namespace

Async<Result<WebSocket*>> Exchange::accept(ResponseHead /*head*/, std::string_view /*subprotocol*/,
                                           const SocketLimits& /*limits*/,
                                           std::function<void(std::uint16_t)> /*stopping*/) {
  co_return unsupported();
}

Async<Result<SocketAnswer>> Upstream::open(const Provider& /*provider*/, const HttpCall& /*call*/,
                                           const CallTimeouts& /*timeouts*/, Cancellation& /*gone*/,
                                           const SocketLimits& /*limits*/) {
  co_return unsupported();
}

}  // namespace triage
