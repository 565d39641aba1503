// Any text as a config: it is read or refused with places and fixes, a value from outside the file is never shown, and
// what was read means the same when it is written out and read again.

#include "fuzz_check.hpp"

#include "config/load.hpp"
#include "config/schema.hpp"

#include <algorithm>
#include <cstdlib>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace triage;
  static const bool environment = ::setenv("S", "s3cr3t", 1) == 0;
  fuzz::check(environment, "the environment is set");
  const std::string_view text = fuzz::as_text(data, size);
  if (text.find("include") != text.npos || text.find("file:") != text.npos || text.find('/') == 0)
    return 0;  // no files
  const Loaded loaded = load_text(text, "fuzz.yaml");
  fuzz::check(loaded.version.size() == 12, "a version");
  const bool shown_in_file = text.find("s3cr3t") != text.npos;
  for (const Diagnostic& diagnostic : loaded.diagnostics) {
    fuzz::check(diagnostic.line >= 1 && diagnostic.column >= 1, "a place");
    fuzz::check(!diagnostic.message.empty() && !diagnostic.fix.empty(), "a message and a fix");
    const std::string line = to_string(diagnostic);
    fuzz::check(shown_in_file || line.find("s3cr3t") == line.npos, "no value from outside the file");
    fuzz::check(std::count(line.begin(), line.end(), '\n') == 1, "two lines");
  }
  if (!loaded.ok()) return 0;
  const std::string dump = config_dump(loaded.spec);
  const Loaded again = load_text(dump, "dump.json");
  fuzz::check(again.ok(), "a dump is a config");
  fuzz::check(config_dump(again.spec) == dump, "a dump means the same");
  return 0;
}
