#pragma once
// One provider as the network sees it: its address, the identity it must prove, and the idle connections to it. Kept by
// name across reloads of the configuration, as long as nothing of it changes.

#include "base/deadline.hpp"
#include "base/loop.hpp"
#include "base/metrics.hpp"
#include "triage/error.hpp"
#include "triage/spec.hpp"
#include "upstream/connection.hpp"
#include "upstream/tls_contexts.hpp"

#include <memory>
#include <string>
#include <vector>

namespace triage::upstream {

class Origin {
 public:
  Origin(Loop& loop, const Provider& provider, Metrics& metrics);
  Origin(const Origin&) = delete;
  Origin& operator=(const Origin&) = delete;
  ~Origin();

  /// Whether connections made for this origin may serve `provider`.
  [[nodiscard]] bool serves(const Provider& provider) const noexcept;

  [[nodiscard]] const Url& url() const noexcept { return url_; }
  [[nodiscard]] const std::optional<Url>& proxy() const noexcept { return proxy_; }
  /// The value of Proxy-Authorization; empty: the proxy gets none.
  [[nodiscard]] const std::string& proxy_authorization() const noexcept { return proxy_authorization_; }
  [[nodiscard]] const std::string& host_field() const noexcept { return host_field_; }

  /// The context, which is made on first use and kept until a file that it was made of changes. If the new files
  /// cannot be used, it stays, and the log says why.
  Result<std::shared_ptr<TlsContext>> tls_context();

  /// The most recently used idle connection that is not too old, or null. Counts it as reused.
  std::unique_ptr<Connection> take_idle();
  /// Keeps a connection, or closes it if it cannot be used again.
  void put_idle(std::unique_ptr<Connection> connection);
  void close_idle();
  [[nodiscard]] std::size_t idle_count() const noexcept { return idle_.size(); }

  /// Called when an idle connection becomes readable: it ends, unless TLS was only talking to itself.
  void on_idle_ready(Connection& connection);

  /// An error with the message `provider 'name': <what>`.
  [[nodiscard]] Error error(ErrorCode code, std::string_view what) const;

  void count_connect(bool succeeded) noexcept { (succeeded ? connected_ : failed_).add(); }
  Counter& open_connections;

 private:
  /// Whether the connection is too old since it was opened, however busy it is, because addresses change.
  [[nodiscard]] bool outlived(const Connection& connection, std::chrono::steady_clock::time_point now) const noexcept;
  [[nodiscard]] std::string look_of_files() const;
  void close_front(std::size_t count);
  void close_aged();

  const std::string name_;
  const Url url_;
  const std::string ca_file_;
  const ClientTlsSpec tls_;
  const std::optional<Url> proxy_;
  const std::string proxy_authorization_;
  const PoolSpec pool_;
  const std::string host_field_;
  std::shared_ptr<TlsContext> tls_context_;
  std::string tls_look_;  // of the files that it was made of, or that could not be used
  Counter& connected_;
  Counter& failed_;
  Counter& reused_;
  Counter& outlived_;
  Counter& idle_gauge_;
  Deadline age_;
  std::vector<std::unique_ptr<Connection>> idle_;  // the most recently used is last, the oldest first
};

}  // namespace triage::upstream
