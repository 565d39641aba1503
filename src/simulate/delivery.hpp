#pragma once
// Sending: how long things take, and how they go wrong.

#include "simulate/events.hpp"
#include "simulate/fault.hpp"
#include "simulate/misbehaviour.hpp"

#include "triage/exchange.hpp"

#include <chrono>

namespace triage::simulate {

/// When each part is sent.
struct Pace {
  std::chrono::microseconds head{0};      ///< before the first byte
  std::chrono::microseconds first{0};     ///< after it, before the first token
  std::chrono::nanoseconds per_token{0};  ///< between tokens
  bool coalesce = false;                  ///< a stream without pauses goes out in one write
};

/// Waits on this loop. Returns false at once when the client goes away. Without a delay it needs no timer.
Async<bool> pause_until(Exchange& exchange, std::chrono::steady_clock::time_point due);

struct Body {
  int status = 200;
  std::string_view content_type = "application/json";  ///< must outlive the sending
  std::string text;
  std::optional<std::chrono::seconds> retry_after = {};
  std::uint32_t tokens = 0;  ///< in `text`, for misbehaviour that counts them; spread evenly over it
};
Body body_of(const Fault& fault);

/// Sends `body` as one plain response, after `wait`. True if all of it was sent.
Async<bool> send_body(Exchange& exchange, Body body, std::chrono::nanoseconds wait, const Misbehaviour& wrong);

/// Sends `events` as an SSE response. True if all of them were sent; events.sent() tells how far it came.
Async<bool> send_events(Exchange& exchange, AnswerEvents& events, Pace pace, const Misbehaviour& wrong);

}  // namespace triage::simulate
