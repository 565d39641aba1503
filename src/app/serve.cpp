// triage serve: load, wire up, listen, report, wait for the signal.
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
#include "config/load.hpp"
#include "options/values.hpp"

#include <cstdio>
#include <optional>
#include <thread>

namespace triage {
namespace {

Address address_option(const Arguments& arguments, const char* name, const Address& fallback) {
  if (!arguments.has(name)) return fallback;
  const auto address = parse_address(arguments.value(name));
  if (!address) throw UsageError(std::string("--") + name + ": " + address.error().message);
  return *address;
}

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

bool report(const Loaded& loaded) {
  for (const Diagnostic& diagnostic : loaded.diagnostics) std::fprintf(stderr, "%s\n", to_string(diagnostic).c_str());
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

}  // namespace

const char* const serve_help =
    "Usage: triage serve --config F [--demo] [--listen HOST:PORT] [--admin HOST:PORT]\n"
    "       triage serve --demo [--traffic]\n\n"
    "Runs the gateway until SIGINT or SIGTERM; then it finishes what is in flight. A configuration that has changed "
    "is\n"
    "taken up at once (docs/operate.md); docs/configuration.md has every key.\n\n"
    "  --config F          the configuration\n"
    "  --demo              simulated providers instead of real ones: no key, no network. Without --config a built-in\n"
    "                      configuration\n"
    "  --traffic           simulated users, too: half an hour of questions to the built-in configuration, and what "
    "they\n"
    "                      think of the answers\n"
    "  --listen HOST:PORT  instead of listen.address\n"
    "  --admin HOST:PORT   instead of admin.address\n";

int serve_command(const Words& words) {
  const Arguments arguments(words, {"config", "listen", "admin"}, {"demo", "traffic"});
  if (!arguments.words().empty()) throw UsageError("unexpected '" + arguments.words()[0] + "'");
  const bool demo = arguments.has("demo");
  if (!demo && !arguments.has("config")) throw UsageError("--config is missing (or try --demo)");
  if (arguments.has("traffic") && (!demo || arguments.has("config")))
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
  ConfigSpec& spec = first.spec;
  if (const std::string why = exposure_refusal(spec); !why.empty()) {
    std::fprintf(stderr, "triage serve: %s\n", why.c_str());
    return exit_no;
  }

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
  std::fflush(stdout);
  report_ready();
  tell_supervisor_ready();
  std::optional<DemoShow> show;
  if (folder) show.emplace(*parse_address(service.endpoint()), folder->path(), arguments.has("traffic"));
  const int code = run_until_signal(service);
  show.reset();
  if (simulator) simulator->stop();
  return code;
}

}  // namespace triage
