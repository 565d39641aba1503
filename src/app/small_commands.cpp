// key, schema, version: commands that need no loop.
#include "app/arguments.hpp"
#include "app/commands.hpp"
#include "config/gateway_key.hpp"
#include "config/schema.hpp"

#include <cstdio>

namespace triage {

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

const char* const schema_help =
    "Usage: triage schema\n\n"
    "Prints the JSON Schema (draft 2020-12) of the configuration, for editors: docs/configuration.md says how.\n";

int schema_command(const Words& words) {
  const Arguments arguments(words, {}, {});
  if (!arguments.words().empty()) throw UsageError("schema takes nothing");
  std::fputs(config_schema().c_str(), stdout);
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
