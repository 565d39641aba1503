// bytes -> tree (yaml, sources) -> spec (reader) -> defaults and cross-checks (check). Each step reports what it finds
// and leaves the rest to the next, so that one run names every mistake.
#include "config/load.hpp"

#include "base/sha256.hpp"
#include "config/advise.hpp"
#include "config/check.hpp"
#include "config/describe.hpp"
#include "config/price_table.hpp"
#include "config/reader.hpp"

#include <algorithm>
#include <exception>

namespace triage {
namespace {

template <class ReadRoot>
Loaded load(std::string_view name, ReadRoot read_root) {
  using namespace config;
  Loaded out;
  try {
    Report report;
    Sources sources(report);
    Origins origins;
    if (const NodePtr root = read_root(sources)) {
      Reader(report, sources, origins).read(*root, out.spec);
      complete(out.spec, origins);
      const auto own_prices = read_price_file(out.spec.prices.file, sources, origins, report);
      apply_prices(out.spec, origins, own_prices ? *own_prices : builtin_prices());
      if (sources.whole()) check(out.spec, origins, report);
      if (!report.has_errors()) advise(out.spec, origins, report);
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

Loaded load_file(const std::string& path) {
  return load(path, [&](config::Sources& sources) { return sources.read_file(path); });
}

Loaded load_text(std::string_view yaml, std::string_view name) {
  return load(name, [&](config::Sources& sources) { return sources.read_text(yaml, std::string(name)); });
}

}  // namespace triage
