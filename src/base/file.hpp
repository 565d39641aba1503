#pragma once
// Whole files as bytes.

#include "triage/error.hpp"
#include "triage/part_file.hpp"

#include <cstddef>
#include <optional>
#include <string>

namespace triage {

/// The bytes of a file that is not a folder. nullopt: `reason` says why it cannot be read, or that it has more than
/// `bytes_max`.
std::optional<std::string> read_file(const std::string& path, std::size_t bytes_max, std::string& reason);

/// A file that is part of the configuration may have this many bytes.
inline constexpr std::size_t part_bytes_max = 1024UL * 1024 * 1024;

/// The content that the configuration was made with. Error: it cannot be read, or has changed since.
Result<std::string> read_file(const PartFile& file);

}  // namespace triage
