#pragma once
// Resolves names to addresses, cached, off the loop. Concurrent questions for one name share one lookup. An outdated
// answer is used again while its renewal is under way, or if that fails.

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
  static constexpr std::chrono::seconds failure_ttl{1};  ///< how long a failure is kept before asking again
  static constexpr std::size_t names_max = 1024;

  /// What is known of one name. Shared with those who wait for it.
  struct Name {
    Addresses addresses;  ///< the last good answer
    std::string failure;  ///< of the last look-up; empty if it succeeded
    Clock::time_point fresh_until{};
    bool asking = false;
    std::vector<Waiter*> waiters;

    [[nodiscard]] bool known(Clock::time_point now) const noexcept { return !asking && now < fresh_until; }
  };

  Resolver(Lookup lookup, std::chrono::milliseconds ttl, Metrics& metrics);

  /// Begins a lookup if what is known is not fresh. While it is `asking`, wait as one of its waiters.
  std::shared_ptr<Name> ask(const std::string& host, Clock::time_point now);

  /// Sets how long later answers are kept.
  void use_ttl(std::chrono::milliseconds ttl) noexcept { ttl_ = ttl; }

 private:
  void settle(Name& name, LookupAnswer answer);
  void make_room(Clock::time_point now);

  Lookup lookup_;
  std::chrono::milliseconds ttl_;
  Counter& succeeded_;
  Counter& failed_;
  std::unordered_map<std::string, std::shared_ptr<Name>> names_;
  std::shared_ptr<Resolver*> self_;  // an answer that comes after the resolver's end finds null
};

/// Adds a waiter to a name's list for the length of a scope.
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
