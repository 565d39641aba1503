#pragma once
// One event loop: an io_context that one thread runs, with its deadlines. Everything that lives on a loop is touched by
// its thread only; what loops share (metrics, limits, the snapshot) is atomic.

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
