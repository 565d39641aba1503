#pragma once
// Where the config comes from: files, the files that they include, and what `${...}` stands for.

#include "config/load.hpp"
#include "config/yaml.hpp"
#include "options/report.hpp"

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace triage::config {

class Sources {
 public:
  static constexpr std::size_t file_bytes_max = 4 * 1024 * 1024;
  static constexpr std::size_t files_max = 256;
  static constexpr std::size_t secret_bytes_max = 64 * 1024;
  static constexpr std::size_t read_bytes_max = 16 * 1024 * 1024;  ///< above this, no more `${...}` is replaced

  explicit Sources(Report& report, Environment environment = Environment::needed)
      : report_(report), environment_(environment) {}

  /// The root of a file with all its includes merged in; nullptr if it cannot be read.
  NodePtr read_file(const std::string& path);
  NodePtr read_text(std::string_view yaml, const std::string& name);

  /// A scalar's text with each `${NAME}` and `${file:PATH}` replaced, once; `$${` stands for `${`. Paths are relative
  /// to the working directory. nullopt: failed and, unless the environment
  /// may be absent, reported.
  std::optional<std::string> resolve(const Node& scalar);

  /// The bytes of another file that is part of the config. nullopt: `reason` says why; it is not reported yet.
  std::optional<std::string> read_part(const std::string& path, std::size_t bytes_max, std::string& reason);

  struct NamedText {
    std::string name;  ///< relative to the working directory, or absolute
    std::string text;
  };
  /// The same of the file that the key at `place` names, relative to the folder of its file. nullopt: reported.
  std::optional<NamedText> read_named(const std::string& file, const Place& place, std::size_t bytes_max);

  /// The same, but only the SHA-256 of its bytes, in hex.
  std::optional<std::string> digest_part(const std::string& path, std::string& reason);

  /// False if a part of the config could not be read, so that what seems missing may exist.
  [[nodiscard]] bool whole() const noexcept { return whole_; }

  /// Everything that was read, to compute the version; of read_part() the SHA-256.
  [[nodiscard]] const std::string& bytes() const noexcept { return bytes_; }

  /// Every file and pattern that was looked at, each once.
  [[nodiscard]] std::vector<Source> take_sources() { return std::move(sources_); }

 private:
  NodePtr parse(std::string_view yaml, const std::string& name);
  NodePtr include(const NodePtr& root, const std::string& name);
  void include_pattern(const Node& pattern, const std::string& config, Node& into);
  void cannot_include(const Place& from, std::string message, std::string fix);
  NodePtr read_included(const std::string& path, const Place& from);
  std::optional<std::string> replacement(std::string_view name, const Place& place);
  std::optional<std::string> read(const std::string& path, std::size_t bytes_max, std::string& reason);
  void note(Source source);
  std::string count_part(std::string_view content);

  Report& report_;
  Environment environment_;
  std::string bytes_;
  std::vector<Source> sources_;
  std::set<std::string> noted_;  // paths of sources_
  std::set<std::string> begun_;  // canonical paths of the files being read or already read
  std::set<std::string> done_;
  bool whole_ = true;
};

/// Where the file is that the file `config` calls `name`: relative to its folder.
std::string beside(const std::string& config, const std::string& name);

}  // namespace triage::config
