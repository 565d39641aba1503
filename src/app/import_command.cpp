// triage import: another gateway's configuration as one of Triage's, checked.
#include "app/arguments.hpp"
#include "app/commands.hpp"
#include "base/file.hpp"
#include "config/load.hpp"
#include "import/import.hpp"

#include <unistd.h>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string_view>

namespace triage {

const char* const import_help =
    "Usage: triage import FORMAT FILE\n\n"
    "Reads the configuration of another gateway and writes to stdout one of Triage's that does the same, with a "
    "comment\n"
    "for everything that has no counterpart. Keys become ${VARIABLES}. Then it checks the result as `triage check`\n"
    "does; variables that are not set yet are told, and are no mistakes.\n\n"
    "  FORMAT  litellm, portkey, tensorzero, vllm-sr, bifrost or agentgateway\n\n"
    "Exit: 0 the result can be served, 1 it cannot, or the file is bad.\n";

namespace {

constexpr std::size_t file_bytes_max = 4 * 1024 * 1024;

/// Stands for the files of variables that are not set.
class StandInFile {
 public:
  StandInFile() {
    const int file = ::mkstemp(path_.data());
    if (file < 0) return;
    const std::string_view token = "placeholder";
    made_ = ::write(file, token.data(), token.size()) > 0;
    ::close(file);
  }
  ~StandInFile() {
    if (made_) std::remove(path_.c_str());
  }
  StandInFile(const StandInFile&) = delete;
  StandInFile& operator=(const StandInFile&) = delete;
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  std::string path_ = "/tmp/triage-import-XXXXXX";
  bool made_ = false;
};

/// Gives each variable that is not set something of the right form, and returns their names.
std::string stand_in(const imports::Imported& imported, const StandInFile& file) {
  std::string unset;
  for (const auto& [name, example] : imported.variables) {
    if (std::getenv(name.c_str()) != nullptr) continue;  // NOLINT(concurrency-mt-unsafe): the only thread
    const bool is_file = std::ranges::find(imported.files, name) != imported.files.end();
    ::setenv(name.c_str(), is_file ? file.path().c_str() : example.c_str(), 1);  // NOLINT(concurrency-mt-unsafe)
    unset += (unset.empty() ? "" : ", ") + name;
  }
  return unset;
}

}  // namespace

int import_command(const Words& words) {
  const Arguments arguments(words, {}, {});
  const Words& given = arguments.words();
  if (given.size() != 2) throw UsageError("give a FORMAT and a FILE");
  const auto formats = imports::format_names();
  if (std::ranges::find(formats, given[0]) == formats.end()) {
    std::string known;
    for (const std::string_view name : formats) known += (known.empty() ? "" : ", ") + std::string(name);
    throw UsageError("'" + given[0] + "' is no format that is known: " + known);
  }
  std::string reason;
  const auto text = read_file(given[1], file_bytes_max, reason);
  if (!text) throw std::runtime_error("cannot read '" + given[1] + "': " + reason);
  const auto imported = imports::import_config(given[0], *text, given[1]);
  if (!imported) {
    std::fprintf(stderr, "%s\n", imported.error().message.c_str());
    return exit_no;
  }
  std::fwrite(imported->yaml.data(), 1, imported->yaml.size(), stdout);
  const StandInFile file;
  const std::string unset = stand_in(*imported, file);
  const Loaded loaded = load_text(imported->yaml, "triage.yaml");
  for (const Diagnostic& diagnostic : loaded.diagnostics) std::fprintf(stderr, "%s\n", to_string(diagnostic).c_str());
  if (!unset.empty()) std::fprintf(stderr, "note: set before it is served: %s\n", unset.c_str());
  return loaded.ok() ? exit_done : exit_no;
}

}  // namespace triage
