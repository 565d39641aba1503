#pragma once
// The way out to the providers, over sockets. One per loop; used on that loop only.

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
  Lookup lookup = nullptr;  ///< null: the system's
};

class HttpUpstream final : public Upstream {
 public:
  /// `loop` and `metrics` must outlive the client and all replies.
  HttpUpstream(Loop& loop, UpstreamOptions options, Metrics& metrics);
  /// Calls that are under way are given up: their coroutines are destroyed when the loop runs next, or ends.
  ~HttpUpstream() override;

  /// Connections are kept by provider name, and given up when anything that decides where they go has changed.
  Async<Result<std::unique_ptr<Reply>>> send(const Provider& provider, const HttpCall& call,
                                             const CallTimeouts& timeouts, Cancellation& gone) override;

  /// A new configuration: closes what is idle of providers that are gone from `providers` or are elsewhere now, and
  /// keeps addresses for `dns_ttl` from now on. Calls under way go on.
  void use(const std::vector<Provider>& providers, std::chrono::milliseconds dns_ttl);

  /// Closes what no call uses.
  void close_idle();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace triage
