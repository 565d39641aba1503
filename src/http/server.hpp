#pragma once
// The downstream side: listening sockets, one per loop (SO_REUSEPORT) or those that were passed in, and the sessions
// that they accept. A Server is shared by its loops; its counts are atomic. A connection keeps the limits that it was
// accepted with; where the server listens never changes.

#include "base/loop.hpp"
#include "base/metrics.hpp"
#include "http/tls_contexts.hpp"
#include "triage/exchange.hpp"
#include "triage/spec.hpp"

#include <array>
#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace triage::http {

struct ServerOptions {
  std::string name = "gateway";  ///< metric label `listener`
  Address address;
  std::optional<TlsSpec> tls;
  LimitsSpec limits;
  CorsSpec cors;
  bool half_closing = true;  ///< a client that ends its side may wait for its answer; false: it has left
  /// Sockets that are listening already, to be taken over, with what waits in their queues; empty: `address` is opened.
  std::vector<int> sockets;
};

/// The bounds that a client can hit; each has a `triage_limit_hits_total{limit=...}`.
enum class Limit : std::uint8_t {
  head,
  head_fields,
  head_timeout,
  body,
  upload,
  body_idle,
  body_rate,
  body_timeout,
  bodies_total,
  key_share,
  linger,
  linger_timeout,
  keep_alive_idle,
  write_stall,
  connections,
  requests_in_flight
};
inline constexpr std::size_t limit_count = static_cast<std::size_t>(Limit::requests_in_flight) + 1;

/// The settings that a connection is served with.
struct Terms {
  explicit Terms(const ServerOptions& options);
  LimitsSpec limits;
  CorsSpec cors;
  std::string cors_headers;  ///< Access-Control-Allow-Headers, "" to echo
  std::string cors_max_age;  ///< seconds
};

class Session;

class Server {
 public:
  Server(const ServerOptions& options, Metrics& metrics);
  ~Server();

  /// Opens a listening socket on `loop`, or takes its share of those passed in, and accepts until stop(). To be called
  /// for each of `loops` before they run. `handler` is used by this loop only and must outlive it. Port 0 is chosen
  /// once, for all loops. Throws std::runtime_error.
  void listen(Loop& loop, Handler& handler, std::size_t loops = 1);

  /// The listening sockets, to be passed to another process. Valid until stop().
  [[nodiscard]] std::vector<int> sockets() const;

  /// host:port as bound.
  [[nodiscard]] std::string endpoint() const;
  [[nodiscard]] std::uint16_t port() const noexcept { return bound_.port(); }

  /// Thread-safe. New connections get these limits and this CORS; the rest of `options` is ignored.
  void use(const ServerOptions& options);

  /// Thread-safe. Stops accepting. From now on, each response says that its connection closes. A client that has not
  /// sent a request gets a second, because one may be on its way. `handed_over`: another process accepts from now on,
  /// so clients of WebSockets may connect again at once.
  void stop(bool handed_over = false);

  /// Thread-safe. Fires the cancellation of requests under way, with shutting_down as the reason, and closes
  /// connections without a request.
  void give_up();

  /// Thread-safe. Cuts the connections that are still open.
  void close_all();

  [[nodiscard]] std::int64_t connections() const noexcept { return connections_.load(); }
  [[nodiscard]] std::int64_t in_flight() const noexcept { return in_flight_.load(); }
  [[nodiscard]] bool stopping() const noexcept { return stopping_.load(std::memory_order_relaxed); }
  /// With which code WebSockets are closed when it stops.
  [[nodiscard]] std::uint16_t goodbye() const noexcept {
    return handed_over_ ? close_code::service_restart : close_code::going_away;
  }

  [[nodiscard]] ServerTls* tls() noexcept { return tls_.get(); }

 private:
  friend class Session;
  struct PerLoop;
  using Acceptor = asio::basic_socket_acceptor<asio::ip::tcp, Executor>;

  void open(PerLoop& here);
  void adopt(PerLoop& here, std::size_t loops);
  Async<void> accept(PerLoop& here, Acceptor& acceptor);
  bool make_room(const Loop& loop);
  static void for_each(PerLoop& here, void (Session::*call)());
  Counter& hits(Limit limit) noexcept { return *hits_[static_cast<std::size_t>(limit)]; }
  [[nodiscard]] std::shared_ptr<const Terms> terms() const;

  mutable std::mutex terms_mutex_;
  std::shared_ptr<const Terms> terms_;
  std::unique_ptr<ServerTls> tls_;
  asio::ip::tcp::endpoint bound_;
  const std::vector<int> passed_;
  const bool half_closing_;
  std::vector<std::unique_ptr<PerLoop>> loops_;
  std::atomic<std::int64_t> connections_{0};
  std::atomic<std::int64_t> in_flight_{0};
  std::atomic<std::int64_t> bodies_{0};  // bytes of held bodies
  std::atomic<bool> stopping_{false};
  std::atomic<bool> handed_over_{false};

  std::array<Counter*, limit_count> hits_{};
  Counter& accepted_;
  Counter& open_gauge_;
  Counter& in_flight_gauge_;
  Counter& bodies_gauge_;
  Counter& rejected_;
};

}  // namespace triage::http
