#pragma once
// Names to addresses, cached, off the loop. Concurrent questions for one name share one look-up. An answer that is too
// old is used again while, and if, its renewal does not come.

#include "base/metrics.hpp"
#include "triage/async.hpp"
#include "upstream/lookup.hpp"
#include "upstream/waiter.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace triage::upstream {

using Addresses = std::vector<asio::ip::address>;

class Resolver {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds failure_ttl{1};  ///< so long a failure is not asked again
  static constexpr std::size_t names_max = 1024;

  /// What is known of one name. Shared with those who wait.
  struct Name {
    Addresses addresses;  ///< the last good answer
    std::string failure;  ///< of the last look-up; empty if it succeeded
    Clock::time_point fresh_until{};
    bool asking = false;
    std::vector<Waiter*> waiters;

    [[nodiscard]] bool known(Clock::time_point now) const noexcept { return !asking && now < fresh_until; }
  };

  Resolver(Lookup lookup, std::chrono::milliseconds ttl, Metrics& metrics);

  /// Begins a look-up if what is known is not fresh. Wait, as one of its waiters, while it is `asking`.
  std::shared_ptr<Name> ask(const std::string& host, Clock::time_point now);

  /// For answers that come from now on.
  void use_ttl(std::chrono::milliseconds ttl) noexcept { ttl_ = ttl; }

 private:
  void settle(Name& name, LookupAnswer answer);
  void make_room(Clock::time_point now);

  Lookup lookup_;
  std::chrono::milliseconds ttl_;
  Counter& succeeded_;
  Counter& failed_;
  std::unordered_map<std::string, std::shared_ptr<Name>> names_;
  std::shared_ptr<Resolver*> self_;  // answers that come after the end find null
};

/// Waits in a name's list for the length of a scope.
class NameWaiting {
 public:
  NameWaiting(std::shared_ptr<Resolver::Name> name, Waiter& waiter);
  ~NameWaiting();
  NameWaiting(const NameWaiting&) = delete;
  NameWaiting& operator=(const NameWaiting&) = delete;

 private:
  std::shared_ptr<Resolver::Name> name_;
  Waiter* waiter_;
};

/// Endpoints in the order in which they are tried: families take turns, the resolver's first one first (RFC 8305, 4).
std::vector<asio::ip::tcp::endpoint> interleaved(const Addresses& addresses, std::uint16_t port);

}  // namespace triage::upstream
