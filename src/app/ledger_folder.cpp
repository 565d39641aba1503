#include "app/ledger_folder.hpp"

#include "app/terminal.hpp"
#include "base/unix_time.hpp"
#include "config/load.hpp"
#include "ledger/folder.hpp"
#include "options/values.hpp"

#include <sys/stat.h>
#include <cstdio>
#include <ctime>
#include <optional>

namespace triage {
namespace {

// Parses `2026-11-21`, optionally with `T20:00` or `T20:00:30` and `Z`: UTC.
std::optional<std::int64_t> parse_date(const std::string& text) {
  for (const char* format :
       {"%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%MZ", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ"}) {
    std::tm parts{};
    const char* const end = strptime(text.c_str(), format, &parts);
    if (end && *end == '\0') return timegm(&parts);
  }
  return std::nullopt;
}

}  // namespace

std::string ledger_folder(const Arguments& arguments) {
  if (arguments.has("ledger") == arguments.has("config")) throw UsageError("give either --config FILE or --ledger DIR");
  std::string folder = arguments.value("ledger");
  if (arguments.has("config")) {
    const Loaded loaded = load_file(arguments.value("config"));
    if (!usable(loaded, Told::all)) throw std::runtime_error("the configuration cannot be used");
    if (!loaded.spec.ledger) throw std::runtime_error(arguments.value("config") + " has no 'ledger'");
    folder = loaded.spec.ledger->dir;
  }
  struct stat state {};
  if (stat(folder.c_str(), &state) != 0 || !S_ISDIR(state.st_mode))
    throw std::runtime_error("'" + folder + "' is not a directory");
  if (!ledger::is_ledger(folder))
    throw std::runtime_error("'" + folder +
                             "' is not a ledger: there is no journal/00000001.jsonl or later, no spool and no "
                             "ledger.db in it; give the directory that 'ledger.dir' of a gateway names");
  return folder;
}

std::int64_t since_unix_ms(const Arguments& arguments, std::int64_t fallback) {
  if (!arguments.has("since")) return fallback;
  const std::string text = arguments.value("since");
  if (const auto duration = parse_duration(text)) return now_unix_ms() - duration->count();
  if (const auto date = parse_date(text)) return *date * 1000;
  throw UsageError("--since '" + text + "': write it as 24h, 7d, 2026-11-21 or 2026-11-21T20:00Z");
}

}  // namespace triage
