#pragma once
// One event loop: an io_context that one thread runs, and its deadlines. Only that thread touches what lives on the
// loop; what loops share (metrics, limits, the snapshot) is atomic.

#include "base/deadline.hpp"
#include "triage/async.hpp"

#include <cstddef>

namespace triage {

struct Loop {
  explicit Loop(std::size_t number) : io(1), deadlines(io), index(number) {}

  asio::io_context io;
  DeadlineWheel deadlines;
  const std::size_t index;  ///< 0.. , also the metrics' stripe
};

}  // namespace triage
