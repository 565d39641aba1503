#pragma once
// The admin address: health, metrics and operators' requests. It answers without asking a provider, on its own loop, so
// that a busy gateway still answers its probes.

#include "base/metrics.hpp"
#include "triage/exchange.hpp"
#include "triage/spec.hpp"

#include <ctime>
#include <string>
#include <vector>

namespace triage::admin {

/// Which configuration is in force, and the result of the last attempt to change it.
struct ConfigState {
  std::string version;
  std::time_t loaded = 0;
  std::string last_error;                  ///< empty: the last reload succeeded, or there was none
  std::vector<std::string> at_next_start;  ///< keys that have changed but cannot take effect before
};

/// The result of a reload.
struct Reloaded {
  std::string problem;  ///< why the configuration stays as it was, one line per mistake; empty: the new one is in force
  bool changed = false;
  ConfigState state;
};

/// What the admin address can ask of the gateway. Called on the admin loop.
class Control {
 public:
  virtual ~Control() = default;

  /// Whether new requests are served.
  [[nodiscard]] virtual bool ready() const = 0;
  [[nodiscard]] virtual ConfigState config_state() const = 0;

  /// What does not work although requests are served; empty: nothing.
  [[nodiscard]] virtual std::vector<std::string> problems() const = 0;

  /// Whether `host`, the value of a Host field, is a name of the admin address: see is_own_host().
  [[nodiscard]] virtual bool answers_to(std::string_view host) const = 0;

  /// The configuration in force as JSON, secrets masked.
  [[nodiscard]] virtual std::string config() const = 0;

  /// Reads the configuration again. Returns once all new requests are served by it. Error: the gateway is stopping.
  virtual Async<Result<Reloaded>> reload() = 0;
};

/// Whether a request for `host` (host[:port], empty in HTTP/1.0) means the admin address: its own IP address, any IP
/// address if it listens on all of them, a loopback address, localhost, one of `admin.hosts`. This stops DNS rebinding:
/// a page whose own name was made to lead here asks for that name.
bool is_own_host(std::string_view host, const AdminSpec& admin);

class Admin final : public Handler {
 public:
  Admin(const Metrics& metrics, Control& control) : metrics_(metrics), control_(control) {}

  /// Serves GET /health/live, /health/ready, /metrics, /admin/config; POST /admin/reload.
  Async<void> handle(Exchange& exchange) override;

 private:
  const Metrics& metrics_;
  Control& control_;
};

}  // namespace triage::admin
