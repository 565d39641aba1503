#pragma once
// W3C's trace context (w3.org/TR/trace-context): a request belongs to the trace that its client has begun, or to one
// that begins here, and what is asked of providers belongs to it, too.
//
//   traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01
//                   trace id                         parent's span id  flags: 1 is sampled
//
// Ids of spans follow from the request's id, so that whoever reads the ledger knows them.

#include "triage/dialect.hpp"
#include "triage/message.hpp"
#include "triage/otlp_spec.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace triage {

struct TraceContext {
  std::string trace_id;    ///< 32 hex digits; empty: there is no trace
  std::string parent;      ///< the client's span, 16 hex digits; empty: the trace begins here
  std::uint8_t flags = 0;  ///< as they are passed on
  [[nodiscard]] bool sampled() const noexcept { return (flags & 1U) != 0; }
};

/// The trace that the client names; without one that is valid, a new one if traces are sent.
TraceContext trace_of(const RequestHead& head, std::string_view request_id, const std::optional<OtlpSpec>& otlp);

/// Makes `call` belong to the trace, as the span of that attempt (base/span_id.hpp), counted from 1. Without a trace,
/// what the client says of one is not valid and goes no further.
void continue_trace(EncodedCall& call, const TraceContext& trace, std::string_view request_id, std::size_t attempt);

}  // namespace triage
