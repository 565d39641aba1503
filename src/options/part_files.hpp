#pragma once
// Files that options name and that are part of the configuration: read while it is loaded, counted in its version, and
// watched, so that a change of one is taken up by reload. A router that needs one reads it in its RouterKind::load and
// keeps what it made of it in its options, beside what is described.

#include "options/origins.hpp"

#include <cstddef>
#include <optional>
#include <string>

namespace triage::options {

/// Whether files must exist that a command of this program makes from others.
enum class DerivedFiles : std::uint8_t { required, to_be_made };

class PartFiles {
 public:
  struct Part {
    std::string name;  ///< with the folder that it is relative to
    std::string text;  ///< followed by body_padding zero bytes, which are not counted in `size`
    std::size_t size = 0;
    [[nodiscard]] std::string_view view() const noexcept { return std::string_view(text).substr(0, size); }
  };

  /// Where the file is that the value at `path` calls `name`: relative to the folder of the YAML file that says so.
  [[nodiscard]] virtual std::string place_of(const Path& path, const std::string& name) const = 0;
  /// Reads that file. nullopt: it cannot be read, or is larger, for `reason`; nothing is reported.
  virtual std::optional<Part> read(const Path& path, const std::string& name, std::size_t bytes_max,
                                   std::string& reason) = 0;
  /// Reports what is wrong in line `line` of a part.
  virtual void error(const Part& part, int line, std::string message, std::string fix) = 0;
  [[nodiscard]] virtual DerivedFiles derived() const noexcept = 0;

 protected:
  ~PartFiles() = default;
};

}  // namespace triage::options
