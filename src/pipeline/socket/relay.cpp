#include "pipeline/socket/relay.hpp"

#include "openai/error_body.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>

namespace triage {
namespace {

// Codes that may stand in a close frame (RFC 6455, 7.4.2; IANA's registry).
bool may_be_sent(std::uint16_t code) noexcept {
  return code == close_code::none || (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
         (code >= 3000 && code <= 4999);
}

std::string_view words_for(SocketEnd::How how) noexcept {
  switch (how) {
    case SocketEnd::How::silent: return "the provider does not answer";
    case SocketEnd::How::stalled: return "the provider does not read";
    case SocketEnd::How::too_large: return "a message of the provider is too large (limits.web_socket_message)";
    case SocketEnd::How::broken: return "the provider broke the WebSocket protocol";
    case SocketEnd::How::closed:
    case SocketEnd::How::cut: break;
  }
  return "the provider cut the connection";
}

}  // namespace

Relay::Relay(const Services& services, WebSocket& client, SocketAttempt& provider, const ModelGuard& guard,
             std::chrono::milliseconds idle)
    : services_(services),
      client_(client),
      provider_(provider),
      guard_(guard),
      idle_(idle),
      idle_deadline_(services.deadlines, [this] {
        give_up(RelayEnd::By::idle, close_code::going_away, "no message for as long as limits.web_socket_idle");
      }) {}

// Beside run(), which waits for it.
void Relay::start(Async<void> part) {
  ++running_;
  asio::co_spawn(services_.executor, std::move(part), [this](const std::exception_ptr& failure) {
    --running_;
    if (failure) failure_ = failure;
    changed_.notify();
  });
}

Async<RelayEnd> Relay::run(std::optional<SocketMessage> first) {
  heard();
  start(downward());
  co_await upward(first);
  while (running_ > 0) co_await changed_.wait();
  idle_deadline_.clear();
  if (failure_) std::rethrow_exception(failure_);
  co_return *end_;
}

Async<void> Relay::upward(std::optional<SocketMessage> first) {
  if (first && !end_) co_await pass_up(*first);
  for (;;) {
    const auto message = co_await client_.read();
    if (!message) break;
    if (!end_) co_await pass_up(*message);
  }
  const SocketEnd& end = client_.end();
  if (!over(RelayEnd::By::client, end)) co_return;
  const bool said = end.how == SocketEnd::How::closed;
  if (said && may_be_sent(end.code))
    co_await provider_.socket().close(end.code, end.reason);
  else
    co_await provider_.socket().close(close_code::going_away, "the client's connection ended");
}

Async<void> Relay::pass_up(SocketMessage message) {
  heard();
  const auto passed = guard_.pass(message.bytes, replaced_);
  if (!passed) {
    const std::string event = error_as_event(traits(passed.error().code).status, error_body(passed.error()));
    const SocketMessage told{event, true};
    co_await write_to_client(told);
    co_return;
  }
  provider_.meter().sent(message.bytes);
  const SocketMessage replaced{*passed, message.text};
  co_await provider_.socket().write(replaced);
}

Async<void> Relay::downward() {
  for (;;) {
    const auto message = co_await provider_.socket().read();
    if (!message) break;
    heard();
    provider_.meter().came(message->bytes);
    provider_.count_news();
    if (!end_) co_await write_to_client(*message);
    if (stopping_) stop(*stopping_, false);
  }
  const SocketEnd& end = provider_.socket().end();
  if (!over(RelayEnd::By::provider, end)) co_return;
  const bool said = end.how == SocketEnd::How::closed;
  if (said && may_be_sent(end.code))
    co_await client_.close(end.code, reason_for_client(end));
  else
    co_await client_.close(close_code::internal_error, words_for(end.how));
}

Async<bool> Relay::write_to_client(SocketMessage message) {
  while (writing_to_client_) co_await client_free_.wait();
  writing_to_client_ = true;
  const bool written = co_await client_.write(message);
  writing_to_client_ = false;
  client_free_.notify();
  co_return written;
}

// Notes who ended it. False: it is over already.
bool Relay::over(RelayEnd::By by, const SocketEnd& end) {
  if (end_) return false;
  end_ = RelayEnd{by, end, provider_.meter().busy()};
  idle_deadline_.clear();
  return true;
}

void Relay::stop(std::uint16_t code, bool now) {
  stopping_ = code;
  if (now || !provider_.meter().busy()) give_up(RelayEnd::By::stopping, code, "the gateway is restarting");
}

void Relay::give_up(RelayEnd::By by, std::uint16_t code, std::string reason) {
  if (!over(by, {})) return;
  start(close_both(code, std::move(reason)));
}

Async<void> Relay::close_both(std::uint16_t code, std::string reason) {
  co_await client_.close(code, reason);
  co_await provider_.socket().close(close_code::going_away, "the gateway's client is gone");
}

// A reason that holds one of the gateway's secrets is not for the client.
std::string_view Relay::reason_for_client(const SocketEnd& end) const {
  const auto secrets = secrets_of(*provider_.target().deployment->provider);
  const bool tells = std::ranges::any_of(secrets, [&](std::string_view secret) {
    return secret.size() >= 4 && end.reason.find(secret) != std::string::npos;
  });
  return tells ? std::string_view() : std::string_view(end.reason);
}

}  // namespace triage
