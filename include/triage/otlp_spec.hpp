#pragma once
// Where traces and metrics are sent: OTLP/HTTP with JSON (opentelemetry.io/docs/specs/otlp).

#include "triage/secret.hpp"
#include "triage/units.hpp"
#include "triage/url.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace triage {

struct OtlpSpec {
  Url endpoint{false, "localhost", 4318, ""};           ///< before /v1/traces and /v1/metrics
  std::vector<std::pair<std::string, Secret>> headers;  ///< sent with every export
  std::string ca_file;                                  ///< PEM bundle to trust instead of the system's
  std::string service_name = "triage";
  bool traces = true;
  bool metrics = true;
  double sample = 1;  ///< share of the traces that begin here; a client's own says itself whether it is sampled
  std::uint32_t queue = 2'048;  ///< requests that wait to be sent; more are dropped
  std::uint32_t batch = 256;    ///< requests in one export
  milliseconds every{5'000};    ///< at most so long a request waits for others
  milliseconds metrics_every{60'000};
  milliseconds timeout{10'000};  ///< of one export
};

}  // namespace triage
