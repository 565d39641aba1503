#include "pipeline/strategy/own_request.hpp"

#include "base/ids.hpp"
#include "triage/body_padding.hpp"

#include <algorithm>
#include <array>
#include <memory>

namespace triage {
namespace {

using Clock = ClientSide::Clock;

Buffer copied(std::string_view bytes) {
  Buffer out;
  out.append(bytes);
  return out;
}

// The request's offsets also hold in the copy.
ApiRequest on_copy(const ApiRequest& request, const Buffer& body) {
  ApiRequest out = request;
  out.blocks.reset();  // its views are of the request's own body
  if (out.original != nullptr) {
    auto original = std::make_shared<OriginalRequest>(*out.original);
    original->copy = original->body;
    const std::size_t size = original->copy.size();
    original->copy.append(body_padding, '\0');
    original->body = std::string_view(original->copy).substr(0, size);
    out.original = std::move(original);
  }
  out.body = body.view();
  return out;
}

bool holds_key(std::string_view name) noexcept {
  constexpr std::array<std::string_view, 4> names{"authorization", "x-api-key", "api-key", "x-goog-api-key"};
  return std::ranges::any_of(names, [name](std::string_view known) { return iequals(name, known); });
}

}  // namespace

OwnHead::OwnHead(const RequestHead& of) {
  head_.method = own(of.method);
  head_.target = own(of.target);
  head_.path = own(of.path);
  head_.query = own(of.query);
  head_.host = own(of.host);
  for (const Field& field : of.fields)
    if (!holds_key(field.name) && !iequals(field.name.substr(0, 9), "x-triage-"))
      head_.fields.push_back({own(field.name), own(field.value)});
}

OwnRequest::OwnRequest(const Scope& of, std::chrono::milliseconds patience)
    : snapshot_(of.snapshot.shared_from_this()),
      services_(of.services),
      body_(copied(of.request.body)),
      head_(of.client.head),
      id_(request_id()),
      trace_(of.client.trace != nullptr ? *of.client.trace : TraceContext()),
      client_{head_.head(), id_, Clock::now(), Clock::now() + patience, of.client.key, gone_, false, &trace_},
      request_(on_copy(of.request, body_)),
      view_(request_),
      scope_{*snapshot_, of.policy, request_, view_, client_, services_, of.ticket} {
  snapshot_->held->add(static_cast<std::int64_t>(body_.size()));
  snapshot_->shadows->fetch_add(1);
}

OwnRequest::~OwnRequest() {
  snapshot_->held->add(-static_cast<std::int64_t>(body_.size()));
  snapshot_->shadows->fetch_sub(1);
}

}  // namespace triage
