// triage serve: load, wire up, listen, report, wait for the signal.
#include "app/address_option.hpp"
#include "app/arguments.hpp"
#include "app/commands.hpp"
#include "app/demo.hpp"
#include "app/demo_tour.hpp"
#include "app/demo_traffic.hpp"
#include "app/passed_sockets.hpp"
#include "app/run_until_signal.hpp"
#include "app/simulator.hpp"
#include "app/successor.hpp"
#include "app/supervisor.hpp"
#include "app/terminal.hpp"
#include "base/log.hpp"
#include "config/load.hpp"
#include "options/values.hpp"

#include <cstdio>
#include <optional>
#include <thread>

namespace triage {
namespace {

// Reads it as the command line says, at the start and at every reload. Without --config it is the demo's, with its
// ledger in `folder`.
Loaded read_config(const Arguments& arguments, const PassedSockets& passed, const std::optional<DemoFolder>& folder) {
  Loaded loaded = load_file(folder ? folder->config() : arguments.value("config"));
  loaded.spec.listen.address = address_option(arguments, "listen", loaded.spec.listen.address);
  loaded.spec.admin.address = address_option(arguments, "admin", loaded.spec.admin.address);
  loaded.spec.listen.address = prevailing_address(passed.api, loaded.spec.listen.address);
  loaded.spec.admin.address = prevailing_address(passed.admin, loaded.spec.admin.address);
  return loaded;
}

// Start-up says what it has to say as the log does, once the configuration has said how that is.
bool report(const Loaded& loaded) {
  if (loaded.spec.log.format != LogFormat::json) return usable(loaded, Told::all);
  log::use(log::Format::json);
  for (const Diagnostic& diagnostic : loaded.diagnostics)
    diagnostic.severity == Diagnostic::error ? log::error(to_string(diagnostic)) : log::warn(to_string(diagnostic));
  return loaded.ok();
}

void print_banner(const Service& service, bool tls, const std::string& version) {
  std::printf("triage %s listens on %s://%s (config %s), admin on http://%s\n", TRIAGE_VERSION, tls ? "https" : "http",
              service.endpoint().c_str(), version.c_str(), service.admin_endpoint().c_str());
}

// What the demo does beside the signals, which can end it at any time: it asks four questions and tells of them, and
// has simulated users if they are wanted.
class DemoShow {
 public:
  DemoShow(const Address& gateway, const std::string& ledger, bool traffic)
      : tour_([gateway, ledger, traffic] {
          std::fputs(demo_tour(gateway, ledger, traffic).c_str(), stdout);
          std::fflush(stdout);
        }) {
    if (traffic) users_.emplace(gateway);
  }

 private:
  std::jthread tour_;
  std::optional<DemoTraffic> users_;
};

int run_gateway(const Arguments& arguments, const PassedSockets& passed, const std::optional<DemoFolder>& folder,
                Loaded& first) {
  const bool demo = arguments.has("demo");
  ConfigSpec& spec = first.spec;
  std::optional<Simulator> simulator;
  const auto simulation = [&folder](const ConfigSpec& of) {
    return folder ? demo_simulation_for(of) : simulation_for(of);
  };
  if (demo) {
    simulator.emplace(simulation(spec), 1, Address{"127.0.0.1", 0}, 1);
    simulator->start();
    point_providers_at(spec, simulator->endpoint());
  }
  const auto read = [&] {
    Loaded loaded = read_config(arguments, passed, folder);
    if (simulator) point_providers_at(loaded.spec, simulator->endpoint());
    return loaded;
  };
  const auto before_use = [&](const ConfigSpec& next) {
    if (simulator) simulator->use(simulation(next));
  };
  Service service(first, read, before_use, passed);
  service.start();
  print_banner(service, spec.listen.tls.has_value(), first.version);
  if (demo) std::fputs(demo_hints(service.endpoint(), service.admin_endpoint()).c_str(), stdout);
  if (std::fflush(stdout) != 0 && std::freopen("/dev/null", "w", stdout) == nullptr) std::clearerr(stdout);
  report_ready();
  tell_supervisor_ready();
  std::optional<DemoShow> show;
  if (folder) show.emplace(*parse_address(service.endpoint()), folder->path(), arguments.has("traffic"));
  const int code = run_until_signal(service);
  show.reset();
  if (simulator) simulator->stop();
  return code;
}

int serve(const Arguments& arguments) {
  if (arguments.has("traffic") && (!arguments.has("demo") || arguments.has("config")))
    throw UsageError("--traffic asks the built-in configuration: it goes with --demo and without --config");
  block_signals(true);
  raise_descriptor_limit();
  const PassedSockets passed = take_passed_sockets();
  std::optional<DemoFolder> folder;
  if (!arguments.has("config")) {
    folder.emplace();
    folder->write(demo_config(folder->path()));
  }
  Loaded first = read_config(arguments, passed, folder);
  if (!report(first)) return exit_no;
  const bool json = first.spec.log.format == LogFormat::json;
  if (const std::string why = exposure_refusal(first.spec); !why.empty()) {
    if (json)
      log::error(why);
    else
      std::fprintf(stderr, "triage serve: %s\n", why.c_str());
    return exit_no;
  }
  if (!json) return run_gateway(arguments, passed, folder, first);
  try {
    return run_gateway(arguments, passed, folder, first);
  } catch (const std::exception& failure) {
    log::error(failure.what());
    return exit_could_not_run;
  }
}

}  // namespace

Command serve_command() {
  Option config = config_option();
  config.instead = "demo";
  return {.name = "serve",
          .summary = "run the gateway",
          .about =
              "Runs the gateway until SIGINT or SIGTERM; then it finishes what is in flight. A configuration that "
              "has changed is taken up at once (docs/operate.md); docs/configuration.md has every key.",
          .options = {config,
                      {"demo", "",
                       "simulated providers instead of real ones: no key, no network. Without --config a built-in "
                       "configuration"},
                      {"traffic", "",
                       "simulated users, too: half an hour of questions to the built-in configuration, and what they "
                       "think of the answers"},
                      {"listen", "HOST:PORT", "instead of listen.address"},
                      {"admin", "HOST:PORT", "instead of admin.address"}},
          .examples = {{"triage serve --demo --traffic", "try it: no key, no network"},
                       {"triage serve --config /etc/triage/triage.yaml", "run it"}},
          .run = serve};
}

}  // namespace triage
