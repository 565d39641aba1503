#pragma once
// Requests as the official Python SDK sends them: its header fields, and `messages` before `model` in the body.

#include <cstdint>
#include <string>

namespace bench {

struct RequestShape {
  std::uint16_t port = 0;
  std::string path = "/v1/chat/completions";
  std::string key = "bench";  ///< sent as `Authorization: Bearer <key>`
  std::string model = "auto";
  std::string user = "u_8e1f";    ///< carries a stream's shape to bench_upstream
  std::size_t body_bytes = 1400;  ///< of the whole JSON body, exactly, unless the fixed parts need more
  bool stream = false;
};

/// A whole request, head and body.
std::string make_request(const RequestShape& shape);

}  // namespace bench
