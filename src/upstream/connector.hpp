#pragma once
// Makes a fresh connection for a call: address, TCP, the proxy's tunnel if there is one, and TLS, all within the call's
// connect timeout.

#include "base/loop.hpp"
#include "triage/async.hpp"
#include "triage/error.hpp"
#include "upstream/connection.hpp"
#include "upstream/origin.hpp"
#include "upstream/resolver.hpp"
#include "upstream/watch.hpp"

#include <memory>

namespace triage::upstream {

class Connector {
 public:
  /// All arguments must outlive connect().
  Connector(Loop& loop, Resolver& resolver, Origin& origin, Watch& watch)
      : loop_(loop), resolver_(resolver), origin_(origin), watch_(watch) {}

  /// Errors: upstream_unreachable, upstream_tls_failed, upstream_connect_timeout, upstream_total_timeout, client_gone.
  Async<Result<std::unique_ptr<Connection>>> connect();

 private:
  Async<Result<Addresses>> resolve(const std::string& host);
  Async<Result<std::unique_ptr<Connection>>> reach(const Url& url);
  Async<Result<void>> open_tunnel(Connection& connection);
  Async<Result<void>> secure(Connection& connection);

  [[nodiscard]] Error unreachable(const std::string& cause) const;
  [[nodiscard]] Error refused_tunnel(const std::string& target, int status) const;
  [[nodiscard]] Error untrusted(const Stream& stream) const;
  /// The error of a call that was ended from outside.
  [[nodiscard]] Error ended() const;

  Loop& loop_;
  Resolver& resolver_;
  Origin& origin_;
  Watch& watch_;
  std::string_view phase_ = "looking up the address";
};

}  // namespace triage::upstream
