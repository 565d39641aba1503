// key, schema, version: commands that need no loop.
#include "app/commands.hpp"
#include "config/gateway_key.hpp"
#include "config/schema.hpp"

#include <algorithm>
#include <cstdio>

namespace triage {
namespace {

int new_key(const Arguments& arguments) {
  if (arguments.value("name").empty()) throw UsageError("--name is empty");
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

int print_schema(const Arguments& /*arguments*/) {
  std::fputs(config_schema().c_str(), stdout);
  return exit_done;
}

int print_version(const Arguments& /*arguments*/) {
  std::printf("triage %s\n", TRIAGE_VERSION);
  return exit_done;
}

}  // namespace

Command key_command() {
  Option name{"name", "NAME", "whose key it is; appears in metrics and logs"};
  name.required = true;
  return {
      .name = "key",
      .summary = "make a gateway key",
      .examples = {{"triage key new --name checkout --routes chat,search", "a key for two routes"}},
      .commands = {{.name = "new",
                    .summary = "make a secret, and its line for the configuration",
                    .about = "Makes a gateway key. Prints the secret, which the app sends as `Authorization: Bearer "
                             "SECRET` and which is not stored anywhere, and the line for the `keys` list of the "
                             "configuration or for its `keys_file`, which hold only its hash.",
                    .options = {name, {"routes", "A,B", "the routes it may use; all if not given"}},
                    .run = new_key}}};
}

Command schema_command() {
  return {.name = "schema",
          .summary = "print the configuration's JSON Schema",
          .about =
              "Prints the JSON Schema (draft 2020-12) of the configuration, for editors: docs/configuration.md says "
              "how.",
          .examples = {{"triage schema > triage.schema.json", "for an editor"}},
          .run = print_schema};
}

Command version_command() {
  return {.name = "version",
          .summary = "print the version",
          .examples = {{"triage version", "as `triage -V`"}},
          .run = print_version};
}

}  // namespace triage
