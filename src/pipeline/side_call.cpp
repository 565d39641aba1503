#include "pipeline/side_call.hpp"

namespace triage {
namespace {

const HoldSpec whole;  // the answer is held in full

}  // namespace

SideCall::SideCall(const Context& like, UnseenExchange& exchange, const ApiRequest& request, const Features& features,
                   const LiveRoute& route, std::vector<Target> targets, RequestRecord::Clock::time_point began)
    : request_(request),
      targets_(std::move(targets)),
      context_{like.snapshot, exchange, like.upstream, like.deadlines, like.executor, like.ledger, like.ticket},
      nobody_(context_),
      out_(context_, nobody_, whole, false, nullptr) {
  context_.key = like.key;
  RequestRecord& record = context_.record;
  record.route = &route;
  record.metrics = &route.metrics;
  record.model = request.model;
  record.streamed = request.stream;
  record.request = &request;
  record.features = &features;
  record.body_read = began;
}

Async<void> SideCall::run() {
  failure_ = co_await try_targets(context_, *this, context_.record.route, targets_, AttemptCause::first);
}

}  // namespace triage
