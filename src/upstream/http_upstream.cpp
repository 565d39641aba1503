#include "upstream/http_upstream.hpp"

#include "upstream/connector.hpp"
#include "upstream/http_upstream_state.hpp"
#include "upstream/reply.hpp"
#include "upstream/request_head.hpp"

#include <algorithm>

namespace triage {

HttpUpstream::State::State(Loop& on, UpstreamOptions with, Metrics& into)
    : loop(on),
      metrics(into),
      resolver(with.lookup ? std::move(with.lookup) : system_lookup(on.io), with.dns_ttl, into),
      retries(into.counter("triage_upstream_retries_on_reuse_total",
                           "Requests sent again because a kept connection had died.")) {}

std::shared_ptr<upstream::Origin> HttpUpstream::State::origin_of(const Provider& provider) {
  auto& origin = origins[provider.name];
  if (!origin || !origin->serves(provider)) origin = std::make_shared<upstream::Origin>(loop, provider, metrics);
  return origin;
}

HttpUpstream::HttpUpstream(Loop& loop, UpstreamOptions options, Metrics& metrics)
    : state_(std::make_shared<State>(loop, std::move(options), metrics)) {}

HttpUpstream::~HttpUpstream() {
  upstream::Watch::give_up(state_->calls);
}

void HttpUpstream::close_idle() {
  for (const auto& [name, origin] : state_->origins) origin->close_idle();
}

void HttpUpstream::use(const std::vector<Provider>& providers, std::chrono::milliseconds dns_ttl) {
  state_->resolver.use_ttl(dns_ttl);
  std::erase_if(state_->origins, [&](const auto& known) {
    return std::ranges::none_of(providers, [&](const Provider& provider) {
      return provider.name == known.first && known.second->serves(provider);
    });
  });
}

Async<Result<std::unique_ptr<Reply>>> HttpUpstream::send(const Provider& provider, const HttpCall& call,
                                                         const CallTimeouts& timeouts, Cancellation& gone) {
  const std::shared_ptr<State> state = state_;  // the resolver is used after this object may have ended
  auto reply = std::make_unique<upstream::SocketReply>(state->loop, state->calls, state->origin_of(provider),
                                                       state->workspaces, gone, timeouts);
  upstream::Call& out = reply->call();
  if (!out.watch().alive()) co_return out.ended();
  auto idle = out.origin().take_idle();
  for (bool reused = idle != nullptr;; reused = false) {
    const auto composed = upstream::write_request_head(call, out.origin().host_field(), out.workspace().request_head);
    if (!composed) co_return composed.error();
    if (!reused) {
      upstream::Connector connector(state->loop, state->resolver, out.origin(), out.watch());
      auto fresh = co_await connector.connect();
      if (!fresh) co_return fresh.error();
      idle = std::move(*fresh);
    }
    out.use(std::move(idle));
    const auto answered = co_await out.exchange(call);
    if (answered) break;
    if (!reused || !call.replayable || !out.may_repeat()) co_return answered.error();
    state->retries.add();
  }
  reply->begin();
  co_return std::unique_ptr<Reply>(std::move(reply));
}

}  // namespace triage
