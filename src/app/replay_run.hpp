#pragma once
// Puts the requests of a ledger to two configurations.

#include "config/load.hpp"
#include "offline/replay.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace triage {

struct ReplayOptions {
  std::string folder;  ///< of the ledger
  std::string route;
  std::int64_t since_unix_ms = 0;
  std::function<void(std::size_t)> progress{};  ///< called with how many requests are done
};

struct Replay {
  offline::ReplayRows rows;
  std::size_t requests = 0;      ///< that were routed and are no fault of the client's or the gateway's
  std::size_t same = 0;          ///< of them: both configurations decide the same
  std::size_t undecided = 0;     ///< of them: what at least one would do cannot be said
  std::size_t experimental = 0;  ///< of them: assigned to an arm whose policy is known
  std::map<std::pair<std::string, std::string>, std::size_t> moves;  ///< by tier before and after, where these differ
  std::int64_t first_unix_ms = 0;
  std::int64_t last_unix_ms = 0;
  std::vector<std::string> notes;  ///< for people: what was assumed, what the log does not show
};

/// Both must be ok() and have the route.
Replay replay(const Loaded& before, const Loaded& after, const ReplayOptions& options);

}  // namespace triage
