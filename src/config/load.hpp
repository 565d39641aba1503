#pragma once
// YAML in, checked values out. Reading is strict and total: every mistake of every file is named at once, each at its
// place and with its fix, and nothing of a secret is ever part of a message. docs/configuration.md lists the keys.

#include "options/report.hpp"
#include "triage/spec.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace triage {

/// A file that a config was read from, or that could not be read, or a pattern of files to include.
struct Source {
  std::string path;
  bool pattern = false;
  std::string
      look;  ///< how it looked from outside when it was read: as long as look_of() says the same, it is the same
};

/// How it looks now: identity, size and times of the file, or the names that the pattern matches. Never throws.
std::string look_of(const Source& source);

/// What a file says. `spec` is whole and consistent only if ok(); else it holds what could be read.
struct Loaded {
  ConfigSpec spec;
  std::string version;                  ///< 12 hex digits of the SHA-256 of all bytes read, `${...}` values included
  std::vector<Diagnostic> diagnostics;  ///< by file and place
  std::vector<std::string> files;       ///< every config file read, the first one first
  std::vector<Source> sources;          ///< these, the files of `${file:}` and patterns: what may change it

  [[nodiscard]] bool ok() const;  ///< no diagnostic is an error
};

/// Reads `path` and what it includes. Never throws; a file that cannot be read is a diagnostic.
Loaded load_file(const std::string& path);

/// The same for text at hand. `name` stands for the file in diagnostics; includes are relative to its folder.
Loaded load_text(std::string_view yaml, std::string_view name);

}  // namespace triage
