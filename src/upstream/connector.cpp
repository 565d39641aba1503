//   resolve -> reach (Race) -> [open_tunnel: CONNECT host:port to the proxy] -> [secure: TLS handshake]
//
// Every step waits in the call's Watch, so that the call's deadline and its client can end it.

#include "upstream/connector.hpp"

#include "base/deadline.hpp"
#include "base/duration.hpp"
#include "http1/response_head_parser.hpp"
#include "triage/body_padding.hpp"
#include "upstream/race.hpp"
#include "upstream/request_head.hpp"

namespace triage::upstream {
namespace {

// If a renewal takes longer than this, the old address is used.
constexpr std::chrono::milliseconds renewal_patience{300};
constexpr std::size_t tunnel_reply_max = 16 * 1024;

}  // namespace

Async<Result<std::unique_ptr<Connection>>> Connector::connect() {
  watch_.connecting();
  const auto& proxy = origin_.proxy();
  auto connection = co_await reach(proxy ? *proxy : origin_.url());
  if (connection && proxy) {
    const auto opened = co_await open_tunnel(**connection);
    if (!opened) connection = opened.error();
  }
  if (connection && origin_.url().tls) {
    const auto secured = co_await secure(**connection);
    if (!secured) connection = secured.error();
  }
  origin_.count_connect(connection.has_value());
  co_return connection;
}

Async<Result<Addresses>> Connector::resolve(const std::string& host) {
  boost::system::error_code no_literal;
  const auto literal = asio::ip::make_address(host, no_literal);
  if (!no_literal) co_return Addresses(1, literal);

  const auto name = resolver_.ask(host, Resolver::Clock::now());
  const NameWaiting waiting(name, watch_.waiter());
  bool impatient = false;
  Deadline patience(loop_.deadlines, [&] {
    impatient = true;
    watch_.waiter().wake_later();
  });
  if (name->asking && !name->addresses.empty()) patience.set_in(renewal_patience);
  while (name->asking && !impatient && watch_.alive()) {
    co_await watch_.wait();
    watch_.waited();
  }
  if (!watch_.alive()) co_return ended();
  if (name->addresses.empty()) co_return unreachable("the address of '" + host + "' cannot be found: " + name->failure);
  co_return name->addresses;
}

Async<Result<std::unique_ptr<Connection>>> Connector::reach(const Url& url) {
  const auto addresses = co_await resolve(url.host);
  if (!addresses) co_return addresses.error();
  phase_ = "connecting";
  Race race(loop_, interleaved(*addresses, url.port), watch_.waiter());
  while (!race.over() && watch_.alive()) {
    co_await watch_.wait();
    watch_.waited();
  }
  if (!watch_.alive()) co_return ended();
  auto winner = race.take_winner();
  if (!winner) co_return unreachable(authority(url) + " cannot be reached: " + race.failure());
  auto connection = std::make_unique<Connection>(origin_, std::move(*winner));
  connection->wakes(&watch_.waiter());
  co_return connection;
}

Async<Result<void>> Connector::open_tunnel(Connection& connection) {
  phase_ = "asking the proxy for a tunnel";
  Stream& stream = connection.stream();
  const std::string target = authority(origin_.url());
  std::string request = "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n";
  const std::string& credentials = origin_.proxy_authorization();
  if (!credentials.empty()) request += "Proxy-Authorization: " + credentials + "\r\n";
  request += "\r\n";
  Outgoing outgoing;
  outgoing.add(request);
  std::string reply(tunnel_reply_max + body_padding, '\0');
  std::size_t size = 0;
  ResponseHeadParser parser(HeadLimits{});
  ResponseHead head;
  ResponseFraming framing;
  auto status = ResponseHeadParser::Status::need_more;
  while (status != ResponseHeadParser::Status::done && watch_.alive()) {
    const bool sending = !outgoing.empty();
    const Moved moved = sending ? stream.send(outgoing) : stream.receive(reply.data() + size, tunnel_reply_max - size);
    if (moved.state == Moved::State::failed) co_return unreachable("the proxy cut the connection: " + stream.failure());
    if (moved.state == Moved::State::end) co_return unreachable("the proxy closed the connection");
    if (moved.state == Moved::State::blocked) {
      stream.watch();
      co_await watch_.wait();
      watch_.waited();
    } else if (!sending) {
      size += moved.bytes;
      status = parser.feed({reply.data(), size}, true, head, framing);
      if (status == ResponseHeadParser::Status::failed)
        co_return unreachable("the proxy's answer is not HTTP: " + parser.error().message);
    }
  }
  if (status != ResponseHeadParser::Status::done) co_return ended();
  if (head.status / 100 != 2) co_return refused_tunnel(target, head.status);
  if (parser.consumed() != size) co_return unreachable("the proxy sent more than the head of its answer");
  co_return Result<void>();
}

Async<Result<void>> Connector::secure(Connection& connection) {
  phase_ = "in the TLS handshake";
  Stream& stream = connection.stream();
  const auto context = origin_.tls_context();
  if (!context) co_return context.error();
  if (!stream.start_tls(*context, origin_.url().host)) co_return untrusted(stream);
  while (watch_.alive()) {
    const Moved moved = stream.handshake();
    if (moved.state == Moved::State::some) co_return Result<void>();
    if (moved.state != Moved::State::blocked) co_return untrusted(stream);
    stream.watch();
    co_await watch_.wait();
    watch_.waited();
  }
  co_return ended();
}

Error Connector::unreachable(const std::string& cause) const {
  return origin_.error(ErrorCode::upstream_unreachable, cause);
}

Error Connector::refused_tunnel(const std::string& target, int status) const {
  std::string cause = "the proxy refused a tunnel to " + target + " with status " + std::to_string(status);
  constexpr int authentication_required = 407;
  if (status == authentication_required)
    cause += origin_.proxy_authorization().empty() ? ": it asks for a user and a password (proxy_user)"
                                                   : ": it does not take proxy_user and proxy_password";
  return unreachable(cause);
}

Error Connector::untrusted(const Stream& stream) const {
  const std::string& host = origin_.url().host;
  const std::string what = stream.distrusted() ? "the certificate of " + host + " is not trusted: "
                                               : "the TLS handshake with " + host + " failed: ";
  const bool plain = stream.failure() == "wrong version number";
  const std::string hint = plain ? "; if it speaks plain HTTP, its base_url begins with http://" : "";
  return origin_.error(ErrorCode::upstream_tls_failed, what + stream.failure() + hint);
}

Error Connector::ended() const {
  const ErrorCode code = *watch_.ended();
  if (code == ErrorCode::client_gone) return Error{code, "the client went away while its provider was being connected"};
  if (code == ErrorCode::shutting_down) return Error{code, "the gateway is stopping"};
  const auto limit = code == ErrorCode::upstream_total_timeout ? watch_.timeouts().total : watch_.timeouts().connect;
  return origin_.error(code, "no connection to " + authority(origin_.url()) + " within " + rounded_duration(limit) +
                                 ", stuck while " + std::string(phase_));
}

}  // namespace triage::upstream
