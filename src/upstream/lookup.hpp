#pragma once
// How a name becomes addresses. Replaceable, so that tests can give their own answers.

#include "triage/async.hpp"

#include <boost/asio/ip/address.hpp>
#include <functional>
#include <string>
#include <vector>

namespace triage {

/// Addresses in order of preference, or why there are none (`failure` in words, not empty).
struct LookupAnswer {
  std::vector<asio::ip::address> addresses;
  std::string failure;
};

/// Starts a lookup. `answer` is called once, on the loop, now or later.
using Lookup = std::function<void(const std::string& host, std::function<void(LookupAnswer)> answer)>;

/// Uses getaddrinfo on a thread of the loop's own. While one name is looked up, the loop's other lookups wait. Ending
/// the loop waits for a lookup under way.
Lookup system_lookup(asio::io_context& io);

}  // namespace triage
