// bytes -> tree (yaml, sources) -> spec (reader) -> defaults and cross-checks (check). Each step reports what it finds
// and leaves the rest to the next, so that one run names every mistake.
#include "config/load.hpp"

#include "base/sha256.hpp"
#include "config/advise.hpp"
#include "config/check.hpp"
#include "config/describe.hpp"
#include "config/experiment_version.hpp"
#include "config/keys_file.hpp"
#include "config/load_parts.hpp"
#include "config/price_table.hpp"
#include "config/proxy_environment.hpp"
#include "config/quirk_table.hpp"
#include "config/reader.hpp"

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <map>

namespace triage {
namespace {

void name_versions(ConfigSpec& spec, const std::map<options::Path, std::string>& digests) {
  for (RouteSpec& route : spec.routes) {
    if (!route.experiment) continue;
    ExperimentSpec& experiment = *route.experiment;
    experiment.version = config::version_of(
        experiment, spec,
        digests.at(options::path_of(*experiment.control)) + "\n" + digests.at(options::path_of(*experiment.treatment)));
  }
}

std::string environment_variable(const char* name) {
  const char* const value = std::getenv(name);
  return value != nullptr ? value : "";
}

template <class ReadRoot>
Loaded load(std::string_view name, options::DerivedFiles derived, Environment environment, ReadRoot read_root) {
  using namespace config;
  Loaded out;
  try {
    Report report;
    Sources sources(report, environment);
    Origins origins;
    if (const NodePtr root = read_root(sources)) {
      Reader(report, sources, origins).read(*root, out.spec);
      read_keys_file(out.spec, sources, origins, report);
      complete(out.spec, origins);
      if (environment == Environment::needed) use_environment_proxies(out.spec, origins, report, environment_variable);
      const auto own_prices = read_price_file(out.spec.prices.file, sources, origins, report);
      apply_prices(out.spec, origins, own_prices ? *own_prices : builtin_prices());
      apply_quirks(out.spec, origins, builtin_quirks());
      std::map<Path, std::string> digests;
      if (sources.whole()) digests = load_parts(out.spec, origins, sources, report, derived);
      if (sources.whole()) check(out.spec, origins, report);
      if (!report.has_errors()) advise(out.spec, origins, report);
      if (!report.has_errors()) name_versions(out.spec, digests);
    }
    out.origins = std::move(origins);
    out.version = format_hex(sha256(sources.bytes())).substr(0, 12);
    out.files = report.files();
    out.sources = sources.take_sources();
    out.diagnostics = report.take();
  } catch (const std::exception& failure) {  // out of memory, no SHA-256
    out.diagnostics.push_back(
        {std::string(name), 1, 1, Diagnostic::error, std::string("cannot load: ") + failure.what(), "try again"});
  }
  return out;
}

}  // namespace

bool Loaded::ok() const {
  return std::none_of(diagnostics.begin(), diagnostics.end(),
                      [](const Diagnostic& d) { return d.severity == Diagnostic::error; });
}

Loaded load_file(const std::string& path, options::DerivedFiles derived, Environment environment) {
  return load(path, derived, environment, [&](config::Sources& sources) { return sources.read_file(path); });
}

Loaded load_text(std::string_view yaml, std::string_view name, Environment environment) {
  const auto read = [&](config::Sources& sources) { return sources.read_text(yaml, std::string(name)); };
  return load(name, options::DerivedFiles::required, environment, read);
}

}  // namespace triage
