#include "app/terminal.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace triage {
namespace {

std::string_view variable(const char* name) {
  const char* const value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nothing writes the environment
  return value == nullptr ? "" : value;
}

// The word that says how bad it is, in red or yellow.
std::string coloured(const Diagnostic& diagnostic) {
  const bool error = diagnostic.severity == Diagnostic::error;
  const std::string word = error ? ": error: " : ": warning: ";
  std::string out = to_string(diagnostic);
  const std::size_t at = out.find(word, diagnostic.file.size());
  if (at == std::string::npos) return out;
  return out.replace(at, word.size(), std::string(": \x1b[1;") + (error ? "31merror:" : "33mwarning:") + "\x1b[0m ");
}

}  // namespace

bool has_colour(int descriptor) {
  return ::isatty(descriptor) == 1 && variable("NO_COLOR").empty() && !variable("TERM").empty() &&
         variable("TERM") != "dumb";
}

void tell(const std::vector<Diagnostic>& diagnostics, Told what) {
  const bool colour = has_colour(STDERR_FILENO);
  for (const Diagnostic& each : diagnostics)
    if (what == Told::all || each.severity == Diagnostic::error)
      std::fprintf(stderr, "%s\n", (colour ? coloured(each) : to_string(each)).c_str());
}

bool usable(const Loaded& loaded, Told what) {
  tell(loaded.diagnostics, what);
  return loaded.ok();
}

void note_waiting(const char* what) {
  if (::isatty(STDIN_FILENO) == 1) std::fprintf(stderr, "reading %s from the terminal; Ctrl-D ends it\n", what);
}

void open_standard_streams() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (::fcntl(descriptor, F_GETFD) < 0) ::open("/dev/null", O_RDWR);  // gets the lowest number that is free: this one
}

}  // namespace triage
