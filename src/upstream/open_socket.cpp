// connect -> ask for the WebSocket -> any answer; with 101 the connection goes over to the socket.
#include "http1/hop_by_hop.hpp"
#include "upstream/call.hpp"
#include "upstream/connection_bytes.hpp"
#include "upstream/connector.hpp"
#include "upstream/http_upstream_state.hpp"
#include "upstream/request_head.hpp"
#include "websocket/socket.hpp"

#include <algorithm>

namespace triage {
namespace {

// A reply that came whole.
class WholeReply final : public Reply {
 public:
  explicit WholeReply(websocket::HandshakeReply reply) : reply_(std::move(reply)), size_(reply_.body.size()) {
    reply_.body.append(body_padding, '\0');
    head_.status = reply_.status;
    for (const auto& [name, value] : reply_.fields) head_.fields.push_back({name, value});
  }

  [[nodiscard]] const ResponseHead& head() const noexcept override { return head_; }
  [[nodiscard]] std::optional<std::uint64_t> content_length() const noexcept override { return size_; }
  Async<Result<std::string_view>> next() override {
    const std::string_view body(reply_.body.data(), std::exchange(given_, true) ? 0 : size_);
    co_return body;
  }

 private:
  websocket::HandshakeReply reply_;
  const std::size_t size_;
  ResponseHead head_;
  bool given_ = false;
};

// Beast writes the handshake's own fields.
bool is_of_the_handshake(std::string_view name) noexcept {
  constexpr std::string_view prefix = "sec-websocket-";
  return is_of_the_sender(name) || (name.size() >= prefix.size() && iequals(name.substr(0, prefix.size()), prefix) &&
                                    !iequals(name, "sec-websocket-protocol"));
}

}  // namespace

Async<Result<SocketAnswer>> HttpUpstream::open(const Provider& provider, const HttpCall& call,
                                               const CallTimeouts& timeouts, Cancellation& gone,
                                               const SocketLimits& limits) {
  const std::shared_ptr<State> state = state_;
  auto owned = std::make_unique<upstream::ConnectionBytes>(state->loop, state->calls, state->origin_of(provider), gone,
                                                           timeouts);
  upstream::ConnectionBytes& bytes = *owned;
  upstream::Watch& watch = bytes.watch();
  if (!watch.alive()) co_return upstream::ended_error(watch, bytes.origin());
  HttpCall asked;
  asked.method = "GET";
  asked.target = call.target;
  std::ranges::copy_if(call.fields, std::back_inserter(asked.fields),
                       [](const Field& field) { return !is_of_the_handshake(field.name); });
  std::string checked;
  const auto sendable = upstream::write_request_head(asked, bytes.origin().host_field(), checked);
  if (!sendable) co_return sendable.error();
  upstream::Connector connector(state->loop, state->resolver, bytes.origin(), watch);
  auto connection = co_await connector.connect();
  if (!connection) co_return connection.error();
  bytes.use(std::move(*connection));
  watch.expecting();
  SocketAnswer answer;
  auto socket = std::make_unique<websocket::Socket>(std::move(owned), state->loop.deadlines, limits);
  auto reply = co_await socket->connect(bytes.origin().host_field(), asked.target, asked.fields);
  if (!watch.alive()) co_return upstream::ended_error(watch, bytes.origin());
  watch.done();
  if (!reply) co_return bytes.origin().error(reply.error().code, reply.error().message);
  if (reply->status == 101) answer.socket = std::move(socket);
  answer.reply = std::make_unique<WholeReply>(std::move(*reply));
  co_return answer;
}

}  // namespace triage
