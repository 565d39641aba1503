// triage check: what is wrong with a configuration, and what is known not to work.
#include "app/arguments.hpp"
#include "app/commands.hpp"
#include "config/load.hpp"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace triage {
namespace {

using Json = nlohmann::ordered_json;

Json diagnostics_json(const std::vector<Diagnostic>& diagnostics) {
  Json out = Json::array();
  for (const Diagnostic& diagnostic : diagnostics)
    out.push_back({{"file", diagnostic.file},
                   {"line", diagnostic.line},
                   {"column", diagnostic.column},
                   {"severity", diagnostic.severity == Diagnostic::error ? "error" : "warning"},
                   {"message", diagnostic.message},
                   {"fix", diagnostic.fix}});
  return out;
}

void print(const Json& json) {
  std::printf("%s\n", json.dump(2, ' ', false, Json::error_handler_t::replace).c_str());
}

int check_one(const std::string& file, bool json, bool strict) {
  const Loaded loaded = load_file(file);
  const bool good = loaded.ok() && (!strict || loaded.diagnostics.empty());
  if (json) {
    print({{"ok", good},
           {"file", file},
           {"version", loaded.version},
           {"diagnostics", diagnostics_json(loaded.diagnostics)}});
    return good ? exit_done : exit_no;
  }
  for (const Diagnostic& diagnostic : loaded.diagnostics) std::fprintf(stderr, "%s\n", to_string(diagnostic).c_str());
  if (!good) return exit_no;
  std::printf("%s: ok, version %s: %zu routes, %zu deployments, %zu keys\n", file.c_str(), loaded.version.c_str(),
              loaded.spec.routes.size(), loaded.spec.deployments.size(), loaded.spec.keys.size());
  return exit_done;
}

}  // namespace

const char* const check_help =
    "Usage: triage check FILE [--strict] [--json]\n\n"
    "Reads a configuration and names every mistake as FILE:LINE:COL, with the fix, and warns of what is known not to\n"
    "work.\n\n"
    "  --strict  warnings count as mistakes\n"
    "  --json    prints what it found as JSON on stdout\n\n"
    "Exit: 0 it can be served, 1 it cannot.\n";

int check_command(const Words& words) {
  const Arguments arguments(words, {}, {"json", "strict"});
  if (arguments.words().size() != 1) throw UsageError("give one FILE");
  return check_one(arguments.words()[0], arguments.has("json"), arguments.has("strict"));
}

}  // namespace triage
