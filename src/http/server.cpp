#include "http/server.hpp"

#include "base/log.hpp"
#include "base/text.hpp"
#include "http/session.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <list>
#include <unordered_set>

namespace triage::http {
namespace {

using tcp = asio::ip::tcp;
using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

constexpr std::array<std::string_view, limit_count> limit_names{
    "head",         "head_fields",       "head_timeout", "body",   "upload",         "body_idle",       "body_rate",
    "body_timeout", "bodies_total",      "key_share",    "linger", "linger_timeout", "keep_alive_idle", "write_stall",
    "connections",  "requests_in_flight"};

tcp::endpoint endpoint_of(const Address& address) {
  boost::system::error_code error;
  const auto ip = asio::ip::make_address(address.host == "localhost" ? "127.0.0.1" : address.host, error);
  if (error) throw std::runtime_error("cannot listen on '" + address.host + "': not an IP address");
  return {ip, address.port};
}

// SO_REUSEPORT would let a second gateway share the port unnoticed; a socket without it finds the port taken.
void refuse_shared_port(const tcp::endpoint& endpoint) {
  asio::io_context unused;
  tcp::acceptor probe(unused);
  probe.open(endpoint.protocol());
  probe.set_option(tcp::acceptor::reuse_address(true));
  probe.bind(endpoint);
}

}  // namespace

struct Server::PerLoop {
  PerLoop(Loop& on, Handler& with) : loop(on), handler(with) {}
  Loop& loop;
  Handler& handler;
  std::list<Acceptor> acceptors;
  bool shares = false;  // another loop uses its acceptor, too
  std::unordered_set<Session*> sessions;
};

Terms::Terms(const ServerOptions& options)
    : limits(options.limits),
      cors(options.cors),
      cors_headers(joined(options.cors.headers)),
      cors_max_age(std::to_string(options.cors.max_age / std::chrono::seconds(1))) {}

Server::Server(const ServerOptions& options, Metrics& metrics)
    : terms_(std::make_shared<const Terms>(options)),
      passed_(options.sockets),
      half_closing_(options.half_closing),
      accepted_(
          metrics.counter("triage_connections_total", "Client connections accepted.", {{"listener", options.name}})),
      open_gauge_(
          metrics.gauge("triage_connections_open", "Client connections open now.", {{"listener", options.name}})),
      in_flight_gauge_(
          metrics.gauge("triage_requests_in_flight", "Requests being answered now.", {{"listener", options.name}})),
      bodies_gauge_(metrics.gauge("triage_bodies_held_bytes", "Request bodies in memory, those over 32KiB.",
                                  {{"listener", options.name}})),
      rejected_(metrics.counter("triage_http_rejected_total", "Requests refused by the HTTP/1.1 checks.",
                                {{"listener", options.name}})) {
  if (options.tls) tls_ = std::make_unique<ServerTls>(*options.tls);
  bound_ = endpoint_of(options.address);
  for (std::size_t i = 0; i < limit_count; ++i)
    hits_[i] = &metrics.counter("triage_limit_hits_total", "How often a client ran into a limit.",
                                {{"listener", options.name}, {"limit", std::string(limit_names[i])}});
}

Server::~Server() = default;

std::shared_ptr<const Terms> Server::terms() const {
  const std::lock_guard lock(terms_mutex_);
  return terms_;
}

void Server::use(const ServerOptions& options) {
  auto fresh = std::make_shared<const Terms>(options);
  const std::lock_guard lock(terms_mutex_);
  terms_.swap(fresh);
}

std::string Server::endpoint() const {
  const std::string host =
      bound_.address().is_v6() ? '[' + bound_.address().to_string() + ']' : bound_.address().to_string();
  return host + ':' + std::to_string(bound_.port());
}

void Server::listen(Loop& loop, Handler& handler, std::size_t loops) {
  auto here = std::make_unique<PerLoop>(loop, handler);
  try {
    passed_.empty() ? open(*here) : adopt(*here, loops);
  } catch (const boost::system::system_error& failure) {
    throw std::runtime_error("cannot listen on " + endpoint() + ": " + failure.code().message());
  }
  for (Acceptor& acceptor : here->acceptors)
    asio::co_spawn(loop.io.get_executor(), accept(*here, acceptor), asio::detached);
  loops_.push_back(std::move(here));
}

void Server::open(PerLoop& here) {
  if (loops_.empty()) refuse_shared_port(bound_);
  Acceptor& acceptor = here.acceptors.emplace_back(here.loop.io.get_executor());
  acceptor.open(bound_.protocol());
  acceptor.set_option(tcp::acceptor::reuse_address(true));
  acceptor.set_option(ReusePort(true));
  acceptor.set_option(tcp::no_delay(true));  // accepted sockets inherit it
  acceptor.bind(bound_);
  acceptor.listen(4096);
  bound_ = acceptor.local_endpoint();
}

// Every socket has a loop, because each has its own queue; and every loop has a socket.
void Server::adopt(PerLoop& here, std::size_t loops) {
  const auto take = [&](int socket) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    if (getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0)
      throw boost::system::system_error(errno, boost::system::system_category());
    Acceptor& acceptor = here.acceptors.emplace_back(here.loop.io.get_executor());
    acceptor.assign(address.ss_family == AF_INET6 ? tcp::v6() : tcp::v4(), socket);
    acceptor.set_option(tcp::no_delay(true));
    if (loops_.empty()) bound_ = here.acceptors.front().local_endpoint();
  };
  const std::size_t index = loops_.size();
  for (std::size_t i = index; i < passed_.size(); i += loops) take(passed_[i]);
  if (index < passed_.size()) return;
  here.shares = true;
  const int twin = fcntl(passed_[index % passed_.size()], F_DUPFD_CLOEXEC, 0);
  if (twin < 0) throw boost::system::system_error(errno, boost::system::system_category());
  take(twin);
}

std::vector<int> Server::sockets() const {
  std::vector<int> out;
  for (const auto& here : loops_)
    for (Acceptor& acceptor : here->acceptors)
      if (!here->shares) out.push_back(acceptor.native_handle());
  return out;
}

Async<void> Server::accept(PerLoop& here, Acceptor& acceptor) {
  asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor> pause(
      here.loop.io.get_executor());
  while (!stopping()) {
    auto [error, socket] = co_await acceptor.async_accept(as_result);
    if (error == asio::error::operation_aborted) break;
    if (error) {  // mostly out of descriptors: wait until some are free again
      hits(Limit::connections).add();
      pause.expires_after(std::chrono::milliseconds(50));
      co_await pause.async_wait(as_result);
      continue;
    }
    accepted_.add();
    auto session = std::make_unique<Session>(*this, here.loop, here.handler, std::move(socket));
    Session& started = *session;
    here.sessions.insert(&started);
    auto finished = [&here, owned = std::move(session)](const std::exception_ptr& failure) {
      here.sessions.erase(owned.get());
      if (!failure) return;
      try {
        std::rethrow_exception(failure);
      } catch (const std::exception& exception) {
        log::error(std::string("a session ended by an exception: ") + exception.what());
      }
    };
    asio::co_spawn(here.loop.io.get_executor(), started.run(), std::move(finished));
  }
}

void Server::stop(bool handed_over) {
  if (handed_over) handed_over_ = true;
  stopping_ = true;
  for (const auto& here : loops_)
    asio::post(here->loop.io, [&per_loop = *here] {
      // Not close(): the socket may live on in another process, and epoll forgets a descriptor by itself only when the
      // last descriptor of its socket is closed.
      boost::system::error_code ignored;
      for (Acceptor& acceptor : per_loop.acceptors)
        if (acceptor.is_open()) ::close(acceptor.release(ignored));
      for_each(per_loop, &Session::stop);
    });
}

void Server::give_up() {
  for (const auto& here : loops_)
    asio::post(here->loop.io, [&per_loop = *here] { for_each(per_loop, &Session::give_up); });
}

void Server::close_all() {
  for (const auto& here : loops_)
    asio::post(here->loop.io, [&per_loop = *here] { for_each(per_loop, &Session::close); });
}

// Closes the connection that has waited longest for a request, among some that are examined: examining all would be
// expensive just when there are many. False: none of them has waited for long. So clients that only hold connections
// cannot crowd out those that send requests.
bool Server::make_room(const Loop& loop) {
  constexpr std::size_t sample = 32;
  constexpr std::chrono::seconds long_wait{1};
  const auto here = std::ranges::find_if(loops_, [&](const auto& each) { return &each->loop == &loop; });
  const auto& sessions = (*here)->sessions;
  const auto now = Deadline::Clock::now();
  Session* longest = nullptr;
  std::size_t seen = 0;
  const std::size_t buckets = sessions.bucket_count();
  const std::size_t begin = static_cast<std::size_t>(now.time_since_epoch().count()) % buckets;
  for (std::size_t i = 0; i < buckets && seen < sample; ++i) {
    const std::size_t bucket = (begin + i) % buckets;
    for (auto it = sessions.begin(bucket); it != sessions.end(bucket); ++it, ++seen)
      if (longest == nullptr || (*it)->waiting_since() < longest->waiting_since()) longest = *it;
  }
  if (longest == nullptr || longest->waiting_since() > now - long_wait) return false;
  hits(Limit::connections).add();
  longest->make_way();
  return true;
}

void Server::for_each(PerLoop& here, void (Session::*call)()) {
  const auto sessions = here.sessions;  // a call may end a session, and so change the set
  for (Session* session : sessions)
    if (here.sessions.contains(session)) (session->*call)();
}

}  // namespace triage::http
