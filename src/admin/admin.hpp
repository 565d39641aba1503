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

/// What a person wants of an experiment.
struct ExperimentChange {
  std::string name;
  std::string action;  ///< start, pause, promote or rollback
  std::string actor;   ///< who wants it
  std::string reason;  ///< may be empty
};

/// What somebody who reads at the admin address may do besides.
struct Reader {
  bool texts = false;    ///< read prompts, answers and comments
  bool keyed = false;    ///< an admin key is configured
  bool has_key = false;  ///< and it was sent
};

/// What a page of the dashboard asks for (pages.hpp).
struct ViewRequest {
  std::string name;
  std::string query;  ///< of the request's target
  std::string body;
  Reader reader;
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

  /// Who sends a request that changes something: the name of the admin key, or "admin" where there is none. Error:
  /// invalid_api_key.
  [[nodiscard]] virtual Result<std::string> actor(const RequestHead& head) const = 0;

  /// What the sender of a request may read of what the dashboard shows. Error: invalid_api_key, where the admin address
  /// can be reached from other machines and the admin key was not sent.
  [[nodiscard]] virtual Result<Reader> reader(const RequestHead& head) const = 0;
  /// A JSON object. Errors: not_found, invalid_value, overloaded, internal_error.
  virtual Async<Result<std::string>> view(ViewRequest request) = 0;

  /// What the metrics show of experiments; ends in a line break, or is empty.
  [[nodiscard]] virtual std::string experiment_metrics() const = 0;
  /// The experiments as JSON.
  [[nodiscard]] virtual std::string experiments() const = 0;
  /// All of one experiment as JSON. Error: not_found.
  [[nodiscard]] virtual Result<std::string> experiment(const std::string& name) const = 0;
  /// Changes an experiment and returns what experiment() then does. Errors: not_found, conflict, overloaded.
  virtual Async<Result<std::string>> change_experiment(ExperimentChange change) = 0;
};

/// Whether a request for `host` (host[:port], empty in HTTP/1.0) means the admin address: its own IP address, any IP
/// address if it listens on all of them, a loopback address, localhost, one of `admin.hosts`. This stops DNS rebinding:
/// a page whose own name was made to lead here asks for that name.
bool is_own_host(std::string_view host, const AdminSpec& admin);

class Admin final : public Handler {
 public:
  Admin(const Metrics& metrics, Control& control) : metrics_(metrics), control_(control) {}

  /// Serves GET /health/live, /health/ready, /metrics, /admin/config, /admin/experiments, /admin/experiments/NAME;
  /// POST /admin/reload, /admin/experiments/NAME/ACTION; the dashboard at /dashboard/ and its views below /api/ui/.
  Async<void> handle(Exchange& exchange) override;

 private:
  Async<Result<std::string>> change(Exchange& exchange, ExperimentChange wanted);
  Async<void> serve_page(Exchange& exchange);
  Async<Result<std::string>> look(Exchange& exchange, std::string name);

  const Metrics& metrics_;
  Control& control_;
};

}  // namespace triage::admin
