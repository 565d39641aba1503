#pragma once
// A file that the configuration names and that is part of it: a model, examples, a calibration. The configuration's
// version depends on its content, and a reload takes up a change of it.

#include <memory>
#include <string>
#include <string_view>

namespace triage {

/// A name with this prefix stands for something inside the program, such as builtin:difficulty. No file is read for it.
inline constexpr std::string_view builtin_prefix = "builtin:";

struct PartFile {
  std::string written;  ///< as the configuration has it, relative to the folder of its file; empty: none is named
  std::string path;     ///< relative to the working directory, or absolute
  std::string sha256;   ///< of its content when the configuration was read, 64 hex digits
  /// What was made of it when it was checked, so that whoever uses it next finds it made (base/shared_by_key.hpp).
  mutable std::shared_ptr<const void> made = nullptr;

  bool operator==(const PartFile& other) const {
    return written == other.written && path == other.path && sha256 == other.sha256;
  }
};

}  // namespace triage
