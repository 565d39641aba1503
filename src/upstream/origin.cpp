#include "upstream/origin.hpp"

#include "base/base64.hpp"
#include "base/log.hpp"
#include "upstream/request_head.hpp"

#include <sys/stat.h>

#include <algorithm>

namespace triage::upstream {
namespace {

constexpr auto made = "triage_upstream_connections_total";
constexpr auto made_help = "Attempts to connect to a provider, TLS included.";

Labels labelled(const std::string& provider) {
  return {{"provider", provider}};
}

// Basic authentication (RFC 7617).
std::string basic_credentials(const Provider& provider) {
  if (provider.proxy_user.empty()) return {};
  return "Basic " + base64(provider.proxy_user + ":" + provider.proxy_password.reveal());
}

// Changes when the file does.
void add_look(std::string& out, const std::string& path) {
  struct stat seen {};
  if (path.empty() || ::stat(path.c_str(), &seen) != 0) return out.append("-;"), void();
  for (const auto each : {static_cast<long long>(seen.st_ino), static_cast<long long>(seen.st_size),
                          static_cast<long long>(seen.st_mtim.tv_sec), static_cast<long long>(seen.st_mtim.tv_nsec)})
    out.append(std::to_string(each)).append(";");
}

}  // namespace

Connection::Connection(Origin& origin, Socket::Tcp connected) : origin_(origin), stream_(std::move(connected), *this) {
  origin_.open_connections.add(1);
}

Connection::~Connection() {
  origin_.open_connections.add(-1);
}

void Connection::on_ready() {
  if (waiter_) return waiter_->wake();
  origin_.on_idle_ready(*this);
}

Origin::Origin(Loop& loop, const Provider& provider, Metrics& metrics)
    : open_connections(metrics.gauge("triage_upstream_connections_open", "Open connections to a provider.",
                                     labelled(provider.name))),
      name_(provider.name),
      url_(provider.base_url),
      ca_file_(provider.ca_file),
      tls_(provider.tls),
      proxy_(provider.proxy),
      proxy_authorization_(basic_credentials(provider)),
      pool_(provider.pool),
      host_field_(upstream::host_field(provider.base_url)),
      connected_(metrics.counter(made, made_help, {{"provider", name_}, {"result", "ok"}})),
      failed_(metrics.counter(made, made_help, {{"provider", name_}, {"result", "failed"}})),
      reused_(metrics.counter("triage_upstream_reused_total", "Calls sent on a connection that was idle.",
                              labelled(name_))),
      outlived_(metrics.counter("triage_upstream_outlived_total", "Connections that were closed because of pool.age.",
                                labelled(name_))),
      idle_gauge_(metrics.gauge("triage_upstream_idle", "Idle connections to a provider.", labelled(name_))),
      age_(loop.deadlines, [this] { close_aged(); }) {}

Origin::~Origin() {
  close_idle();
}

bool Origin::serves(const Provider& provider) const noexcept {
  return provider.base_url.port == url_.port && provider.base_url.tls == url_.tls &&
         provider.base_url.host == url_.host && provider.ca_file == ca_file_ && provider.tls == tls_ &&
         provider.proxy == proxy_ && basic_credentials(provider) == proxy_authorization_ && provider.pool == pool_;
}

Result<std::shared_ptr<TlsContext>> Origin::tls_context() {
  std::string look = look_of_files();
  if (tls_context_ && look == tls_look_) return tls_context_;
  auto context = TlsContext::make(ca_file_, tls_);
  tls_look_ = std::move(look);
  if (context) {
    tls_context_ = *context;
  } else {
    const Error told = error(context.error().code, context.error().message);
    if (!tls_context_) return told;
    log::error("the old files stay in use: " + told.message);
  }
  return tls_context_;
}

std::string Origin::look_of_files() const {
  std::string out;
  if (ca_file_.empty() && !tls_.given()) return out;
  for (const std::string* const path : {&ca_file_, &tls_.client_cert, &tls_.client_key}) add_look(out, *path);
  return out;
}

bool Origin::outlived(const Connection& connection, std::chrono::steady_clock::time_point now) const noexcept {
  return now - connection.opened >= pool_.age;
}

std::unique_ptr<Connection> Origin::take_idle() {
  if (idle_.empty()) return nullptr;
  const auto now = std::chrono::steady_clock::now();
  if (now - idle_.back()->idle_since >= pool_.idle_age) {
    close_idle();  // the most recent one is too old, so all are
    return nullptr;
  }
  while (!idle_.empty()) {
    auto connection = std::move(idle_.back());
    idle_.pop_back();
    idle_gauge_.add(-1);
    if (!outlived(*connection, now)) {
      reused_.add();
      return connection;
    }
    outlived_.add();
  }
  return nullptr;
}

void Origin::put_idle(std::unique_ptr<Connection> connection) {
  if (pool_.idle_max == 0 || !connection->stream().still_idle()) return;
  const auto now = std::chrono::steady_clock::now();
  if (outlived(*connection, now)) return outlived_.add();
  if (idle_.size() >= pool_.idle_max) close_front(1);
  connection->wakes(nullptr);
  connection->idle_since = now;
  connection->stream().watch();
  if (!age_.armed()) age_.set(connection->idle_since + pool_.idle_age);
  idle_.push_back(std::move(connection));
  idle_gauge_.add(1);
}

void Origin::close_idle() {
  close_front(idle_.size());
}

void Origin::close_front(std::size_t count) {
  idle_.erase(idle_.begin(), idle_.begin() + static_cast<std::ptrdiff_t>(count));
  idle_gauge_.add(-static_cast<std::int64_t>(count));
}

void Origin::close_aged() {
  const auto born_before = std::chrono::steady_clock::now() - pool_.idle_age;
  const auto young = std::find_if(idle_.begin(), idle_.end(),
                                  [&](const auto& connection) { return connection->idle_since > born_before; });
  close_front(static_cast<std::size_t>(young - idle_.begin()));
  if (!idle_.empty()) age_.set(idle_.front()->idle_since + pool_.idle_age);
}

void Origin::on_idle_ready(Connection& connection) {
  if (connection.stream().still_idle()) return connection.stream().watch();
  const auto found =
      std::find_if(idle_.begin(), idle_.end(), [&](const auto& idle) { return idle.get() == &connection; });
  if (found == idle_.end()) return;
  idle_.erase(found);
  idle_gauge_.add(-1);
}

Error Origin::error(ErrorCode code, std::string_view what) const {
  std::string message = "provider '" + name_ + "': ";
  message += what;
  return Error{code, std::move(message)};
}

}  // namespace triage::upstream
