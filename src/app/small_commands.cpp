// check, key, version: what needs no loop.
#include "app/arguments.hpp"
#include "app/commands.hpp"
#include "config/gateway_key.hpp"
#include "config/load.hpp"

#include <cstdio>

namespace triage {

const char* const check_help =
    "Usage: triage check FILE\n\n"
    "Reads a configuration and names every mistake as FILE:LINE:COL, with the fix.\n"
    "Exit: 0 it can be served, 1 it cannot.\n";

int check_command(const Words& words) {
  const Arguments arguments(words, {}, {});
  if (arguments.words().size() != 1) throw UsageError("give one FILE");
  const Loaded loaded = load_file(arguments.words()[0]);
  for (const Diagnostic& diagnostic : loaded.diagnostics) std::fprintf(stderr, "%s\n", to_string(diagnostic).c_str());
  if (!loaded.ok()) return exit_no;
  std::printf("%s: ok, version %s: %zu routes, %zu deployments, %zu keys\n", arguments.words()[0].c_str(),
              loaded.version.c_str(), loaded.spec.routes.size(), loaded.spec.deployments.size(),
              loaded.spec.keys.size());
  return exit_done;
}

const char* const key_help =
    "Usage: triage key new --name NAME [--routes A,B]\n\n"
    "Makes a gateway key. Prints the secret, which the app sends as `Authorization: Bearer SECRET` and which is not\n"
    "stored anywhere, and the line for the `keys` list of the configuration, which holds only its hash.\n\n"
    "  --name NAME    whose key it is; appears in metrics and logs\n"
    "  --routes A,B   the routes it may use; all if not given\n";

int key_command(const Words& words) {
  const Arguments arguments(words, {"name", "routes"}, {});
  if (arguments.words() != Words{"new"}) throw UsageError("the only thing to do with keys is `key new`");
  if (arguments.value("name").empty()) throw UsageError("--name is missing");
  std::vector<std::string> routes;
  std::string list = arguments.value("routes");
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    if (comma > 0) routes.push_back(list.substr(0, comma));
    list.erase(0, comma + 1);
  }
  const auto key = new_gateway_key(arguments.value("name"), routes);
  if (!key) throw UsageError(key.error().message);
  std::printf("secret (for the app; it is not shown again):\n  %s\nline (for `keys` in the configuration):\n  %s\n",
              key->secret.c_str(), key->yaml_line.c_str());
  return exit_done;
}

const char* const version_help = "Usage: triage version\n\nPrints the version.\n";

int version_command(const Words& words) {
  const Arguments arguments(words, {}, {});
  if (!arguments.words().empty()) throw UsageError("version takes nothing");
  std::printf("triage %s\n", TRIAGE_VERSION);
  return exit_done;
}

}  // namespace triage
