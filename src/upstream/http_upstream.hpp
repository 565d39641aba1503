#pragma once
// The upstream over sockets. There is one per loop, used on that loop only.

#include "base/loop.hpp"
#include "base/metrics.hpp"
#include "triage/spec.hpp"
#include "triage/upstream.hpp"
#include "upstream/lookup.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace triage {

struct UpstreamOptions {
  std::chrono::milliseconds dns_ttl{30'000};
  LimitsSpec limits;
  Lookup lookup = nullptr;  ///< null: the system's lookup
};

class HttpUpstream final : public Upstream {
 public:
  /// `loop` and `metrics` must outlive this object and all replies.
  HttpUpstream(Loop& loop, UpstreamOptions options, Metrics& metrics);
  /// Gives up the calls under way: their coroutines are destroyed when the loop runs next, or ends.
  ~HttpUpstream() override;

  /// Connections are kept by provider name, and given up when anything that decides where they go has changed.
  Async<Result<std::unique_ptr<Reply>>> send(const Provider& provider, const HttpCall& call,
                                             const CallTimeouts& timeouts, Cancellation& gone) override;

  Async<Result<SocketAnswer>> open(const Provider& provider, const HttpCall& call, const CallTimeouts& timeouts,
                                   Cancellation& gone, const SocketLimits& limits) override;

  /// Applies a new configuration: closes the idle connections of providers that are not in `providers` any more or have
  /// moved, and from now on keeps addresses for `dns_ttl`. Calls under way go on.
  void use(const std::vector<Provider>& providers, std::chrono::milliseconds dns_ttl);

  /// Closes the connections that no call uses.
  void close_idle();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace triage
