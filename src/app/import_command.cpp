// triage import: another gateway's configuration as one of Triage's, checked.
#include "app/arguments.hpp"
#include "app/commands.hpp"
#include "app/terminal.hpp"
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

int import_file(const Arguments& arguments) {
  const std::string& name = arguments.words()[1];
  std::string reason;
  const auto text = read_file(name, file_bytes_max, reason);
  if (!text) throw std::runtime_error("cannot read '" + name + "': " + reason);
  const auto imported = imports::import_config(arguments.words()[0], *text, name);
  if (!imported) {
    std::fprintf(stderr, "%s\n", imported.error().message.c_str());
    return exit_no;
  }
  std::fwrite(imported->yaml.data(), 1, imported->yaml.size(), stdout);
  const StandInFile file;
  const std::string unset = stand_in(*imported, file);
  const Loaded loaded = load_text(imported->yaml, "triage.yaml");
  tell(loaded.diagnostics);
  if (!unset.empty()) std::fprintf(stderr, "note: set before it is served: %s\n", unset.c_str());
  return loaded.ok() ? exit_done : exit_no;
}

}  // namespace

Command import_command() {
  const auto formats = imports::format_names();
  return {.name = "import",
          .summary = "read another gateway's configuration",
          .about =
              "Reads the configuration of another gateway and writes to stdout one of Triage's that does the same, "
              "with a comment for everything that has no counterpart. Keys become ${VARIABLES}. Then it checks the "
              "result as `triage check` does; variables that are not set yet are told, and are no mistakes.",
          .operands = {{"FORMAT", {formats.begin(), formats.end()}}, {"FILE"}},
          .examples = {{"triage import litellm config.yaml > triage.yaml", "from LiteLLM's proxy"}},
          .exits = "0 the result can be served, 1 it cannot, or the file is bad.",
          .run = import_file};
}

}  // namespace triage
