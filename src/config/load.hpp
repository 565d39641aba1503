#pragma once
// Turns YAML into checked values. Reading is strict and total: it reports every mistake of every file at once, each
// with its place and its fix, and never shows any part of a secret. docs/configuration.md lists the keys.

#include "options/origins.hpp"
#include "options/part_files.hpp"
#include "options/report.hpp"
#include "triage/spec.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace triage {

/// A file of the config, even if it could not be read, or a pattern of files to include.
struct Source {
  std::string path;
  bool pattern = false;
  std::string look;  ///< look_of() when it was read; as long as that does not change, neither has the file
};

/// A fingerprint: identity, size and times of the file, or the names that the pattern matches. Never throws.
std::string look_of(const Source& source);

/// The content of a config. `spec` is complete and consistent only if ok(); otherwise it holds what could be read.
struct Loaded {
  ConfigSpec spec;
  std::string version;                  ///< 12 hex digits of the SHA-256 of all bytes read, including `${...}` values
  std::vector<Diagnostic> diagnostics;  ///< by file and place
  std::vector<std::string> files;       ///< every config file read, the first one first
  options::Origins origins;             ///< where each value is; the files of its places are those of `files`
  std::vector<Source> sources;  ///< these, the files of `${file:}` and patterns: everything that can change the config

  [[nodiscard]] bool ok() const;  ///< no diagnostic is an error
};

/// Whether what `${...}` stands for must be there. absent: such values are not checked.
enum class Environment : std::uint8_t { needed, absent };

/// Reads `path`, its includes and the other files that it names. Never throws; a file that cannot be read is a
/// diagnostic.
Loaded load_file(const std::string& path, options::DerivedFiles derived = options::DerivedFiles::required,
                 Environment environment = Environment::needed);

/// The same for a text in memory. `name` stands for the file in diagnostics; includes are relative to its folder.
Loaded load_text(std::string_view yaml, std::string_view name, Environment environment = Environment::needed);

}  // namespace triage
