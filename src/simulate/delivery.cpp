#include "simulate/delivery.hpp"

#include "triage/async.hpp"

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/this_coro.hpp>

// plain:   wait ........ head+body
// stream:  wait head ... head [wait first ... event] event . event . event . end      "." is per_token, from a fixed
// start

namespace triage::simulate {

namespace {

using Clock = std::chrono::steady_clock;
using Timer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor>;

constexpr std::string_view broken_event = "data: {\"id\":\"chatcmpl-broken\",\"choices\":[{\"delta\":{\"content\":\n\n";
constexpr std::string_view error_event =
    "data: {\"error\":{\"message\":\"The server had an error while processing your request.\","
    "\"type\":\"server_error\",\"param\":null,\"code\":\"server_error\"}}\n\n";

// Writes a body, in drips if asked to. begin() must have been called.
Async<bool> write_all(Exchange& exchange, std::string_view bytes, const Misbehaviour& wrong) {
  if (!wrong.drip) {
    const auto written = co_await exchange.write(bytes);
    co_return written.has_value();
  }
  for (const char& byte : bytes) {
    const bool waited = co_await pause_until(exchange, Clock::now() + *wrong.drip);
    if (!waited) co_return false;
    const auto written = co_await exchange.write(std::string_view(&byte, 1));
    if (!written) co_return false;
  }
  co_return true;
}

// A silence in the middle of an answer. False: the connection is to be cut, or the client has gone.
Async<bool> stall(Exchange& exchange, const Misbehaviour& wrong) {
  constexpr std::chrono::hours for_ever(24);
  const bool waited = co_await pause_until(exchange, Clock::now() + wrong.stall.value_or(for_ever));
  co_return waited&& wrong.stall.has_value();
}

// The bytes of a plain body that hold its first `tokens` tokens; always less than all.
std::size_t share_of(const Body& body, std::uint32_t tokens) {
  const std::size_t parts = std::size_t{body.tokens} + 1;
  const std::size_t size = body.text.size() * std::min<std::size_t>(tokens, parts) / parts;
  return std::min(size, body.text.size() - 1);
}

// Sends a body in pieces: slowly, with a silence in it, or not all of it.
Async<bool> send_badly(Exchange& exchange, ResponseHead head, const Body& body, const Misbehaviour& wrong) {
  const auto begun = co_await exchange.begin(std::move(head), body.text.size(), std::string_view());
  bool sent = begun.has_value();
  std::size_t from = 0;
  if (sent && wrong.stall_after) {
    from = share_of(body, *wrong.stall_after);
    sent = co_await write_all(exchange, std::string_view(body.text).substr(0, from), wrong);
    if (sent) sent = co_await stall(exchange, wrong);
  }
  if (sent) {
    std::size_t to = body.text.size();
    if (wrong.cut_after) to = std::max(from, share_of(body, *wrong.cut_after));
    sent = co_await write_all(exchange, std::string_view(body.text).substr(from, to - from), wrong);
    sent = sent && to == body.text.size();
  }
  if (sent) {
    const auto finished = co_await exchange.finish();
    co_return finished.has_value();
  }
  exchange.abort();
  co_return false;
}

// The events of one response, as they go out.
class EventStream {
 public:
  EventStream(Exchange& exchange, const Misbehaviour& wrong) : exchange_(exchange), wrong_(wrong) {}

  Async<bool> begin(std::string_view first) {
    ResponseHead head;
    head.fields.push_back(Field{"content-type", "text/event-stream; charset=utf-8"});
    head.fields.push_back(Field{"cache-control", "no-cache"});
    begun_ = true;
    const bool whole = !wrong_.drip;
    const auto begun = co_await exchange_.begin(std::move(head), std::nullopt, whole ? first : std::string_view());
    if (whole || !begun) co_return begun.has_value();
    co_return co_await write_all(exchange_, first, wrong_);
  }

  Async<bool> send(std::string_view event) { return begun_ ? write_all(exchange_, event, wrong_) : begin(event); }

  // Does what is to go wrong after `sent` tokens. False: the response is over.
  Async<bool> go_wrong(std::uint32_t sent) {
    if (wrong_.malformed_at && !malformed_ && sent >= *wrong_.malformed_at) {
      malformed_ = true;
      const bool written = co_await send(broken_event);
      if (!written) co_return false;
    }
    if (wrong_.stall_after && !stalled_ && sent >= *wrong_.stall_after) {
      stalled_ = true;
      const bool waited = co_await stall(exchange_, wrong_);
      if (!waited) co_return false;
    }
    if (wrong_.error_after && sent >= *wrong_.error_after) {
      const bool written = co_await send(error_event);
      if (written) {
        const auto finished = co_await exchange_.finish();
        ended_ = finished.has_value();
      }
      co_return false;
    }
    co_return !(wrong_.cut_after && sent >= *wrong_.cut_after);
  }

  // The response was ended properly though not all events were sent.
  [[nodiscard]] bool ended() const noexcept { return ended_; }

 private:
  Exchange& exchange_;
  const Misbehaviour& wrong_;
  bool begun_ = false;
  bool malformed_ = false;
  bool stalled_ = false;
  bool ended_ = false;
};

bool goes_wrong(const Misbehaviour& wrong) {
  return wrong.malformed_at || wrong.stall_after || wrong.error_after || wrong.cut_after;
}

// False: something failed or went wrong, and the response is not over unless stream.ended().
Async<bool> run_events(Exchange& exchange, EventStream& stream, AnswerEvents& events, Pace pace,
                       const Misbehaviour& wrong) {
  const bool wrongly = goes_wrong(wrong);
  auto due = Clock::now() + pace.head;
  if (pace.head.count() > 0) {
    const bool waited = co_await pause_until(exchange, due);
    if (!waited) co_return false;
  }
  if (pace.first.count() > 0) {
    bool going = co_await stream.begin(std::string_view());
    due += pace.first;
    if (going) going = co_await pause_until(exchange, due);
    if (!going) co_return false;
  }
  const bool together = pace.coalesce && pace.per_token.count() == 0 && !wrongly;
  std::string event;
  std::uint32_t sent = 0;
  while (events.next(event)) {
    if (together) continue;
    // The first token is due now; each later one has its own time, so that delays do not add up.
    if (pace.per_token.count() > 0 && events.sent() > sent && sent > 0) {
      due += pace.per_token * (events.sent() - sent);
      const bool waited = co_await pause_until(exchange, due);
      if (!waited) co_return false;
    }
    sent = events.sent();
    bool going = co_await stream.send(event);
    if (going) events.mark_sent();
    if (going && wrongly) going = co_await stream.go_wrong(sent);
    if (!going) co_return false;
    event.clear();
  }
  if (together) {
    const bool written = co_await stream.send(event);
    if (!written) co_return false;
    events.mark_sent();
  }
  const auto finished = co_await exchange.finish();
  co_return finished.has_value();
}

}  // namespace

Async<bool> pause_until(Exchange& exchange, Clock::time_point due) {
  Cancellation& gone = exchange.gone();
  if (gone.fired()) co_return false;
  if (due <= Clock::now()) co_return true;
  Timer timer(co_await asio::this_coro::executor);
  timer.expires_at(due);
  const CancellationHook hook(gone, [&timer] { timer.cancel(); });
  co_await timer.async_wait(as_result);
  co_return !gone.fired();
}

Body body_of(const Fault& fault) {
  Body body;
  body.status = fault.status;
  body.text = fault_text(fault);
  body.retry_after = fault.retry_after;
  return body;
}

Async<bool> send_body(Exchange& exchange, Body body, std::chrono::nanoseconds wait, const Misbehaviour& wrong) {
  if (wait.count() > 0) {
    const bool waited = co_await pause_until(exchange, Clock::now() + wait);
    if (!waited) {
      exchange.abort();
      co_return false;
    }
  }
  ResponseHead head;
  head.status = body.status;
  head.fields.push_back(Field{"content-type", body.content_type});
  std::string seconds;
  if (body.retry_after) {
    seconds = std::to_string(body.retry_after->count());
    head.fields.push_back(Field{"retry-after", seconds});
  }
  if (wrong.malformed_at && body.tokens > 0) body.text.resize(share_of(body, *wrong.malformed_at));
  if ((wrong.drip || wrong.cut_after || wrong.stall_after) && !body.text.empty())
    co_return co_await send_badly(exchange, std::move(head), body, wrong);
  const auto sent = co_await exchange.respond(std::move(head), body.text);
  co_return sent.has_value();
}

Async<bool> send_events(Exchange& exchange, AnswerEvents& events, Pace pace, const Misbehaviour& wrong) {
  EventStream stream(exchange, wrong);
  const bool whole = co_await run_events(exchange, stream, events, pace, wrong);
  if (!whole && !stream.ended()) exchange.abort();
  co_return whole;
}

}  // namespace triage::simulate
