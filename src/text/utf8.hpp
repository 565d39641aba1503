#pragma once

#include <cstddef>
#include <string_view>

namespace triage {

/// The longest prefix of at most `bytes_max` bytes that does not cut a UTF-8 sequence.
std::string_view utf8_prefix(std::string_view text, std::size_t bytes_max) noexcept;
/// The longest such suffix.
std::string_view utf8_suffix(std::string_view text, std::size_t bytes_max) noexcept;

}  // namespace triage
