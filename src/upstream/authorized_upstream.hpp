#pragma once
// An upstream over another one: calls to providers whose keys are access tokens get one. There is one per loop.

#include "base/loop.hpp"
#include "base/metrics.hpp"
#include "triage/upstream.hpp"

#include <map>
#include <memory>
#include <string>

namespace triage {

namespace upstream {
class TokenSource;
struct TokenWorker;
}  // namespace upstream

class AuthorizedUpstream final : public Upstream {
 public:
  /// `inner`, `loop` and `metrics` must outlive this object and all replies.
  AuthorizedUpstream(Upstream& inner, Loop& loop, Metrics& metrics);
  ~AuthorizedUpstream() override;

  /// With a provider's `credentials`, adds `Authorization: Bearer`. Where a provider answers 401 to a token, the call
  /// is made once more with a new one. The token is masked in what providers say of errors.
  Async<Result<std::unique_ptr<Reply>>> send(const Provider& provider, const HttpCall& call,
                                             const CallTimeouts& timeouts, Cancellation& gone) override;
  Async<Result<SocketAnswer>> open(const Provider& provider, const HttpCall& call, const CallTimeouts& timeouts,
                                   Cancellation& gone, const SocketLimits& limits) override;

 private:
  Async<Result<std::unique_ptr<Reply>>> send_with_token(const Provider& provider, const HttpCall& call,
                                                        const CallTimeouts& timeouts, Cancellation& gone);
  Async<Result<SocketAnswer>> open_with_token(const Provider& provider, const HttpCall& call,
                                              const CallTimeouts& timeouts, Cancellation& gone,
                                              const SocketLimits& limits);
  std::shared_ptr<upstream::TokenSource> source_of(const Provider& provider);

  Upstream& inner_;
  Loop& loop_;
  Metrics& metrics_;
  std::unique_ptr<upstream::TokenWorker> worker_;  // null: no token was needed yet
  std::map<std::string, std::shared_ptr<upstream::TokenSource>> sources_;
};

}  // namespace triage
