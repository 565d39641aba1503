#pragma once
// Writing systems.

#include "triage/words.hpp"

#include <array>
#include <cstdint>
#include <string_view>

namespace triage {

/// A text's script is the one that most of its letters belong to. Japanese counts as kana as soon as a tenth of its
/// letters are kana; Han alone is cjk.
enum class Script : std::uint8_t {
  none,
  latin,
  greek,
  cyrillic,
  hebrew,
  arabic,
  devanagari,
  thai,
  kana,
  cjk,
  hangul,
  other
};
template <>
inline constexpr std::array<std::string_view, 12> words<Script>{
    "none", "latin", "greek", "cyrillic", "hebrew", "arabic", "devanagari", "thai", "kana", "cjk", "hangul", "other"};
template <>
inline constexpr std::string_view word_noun<Script> = "script";

}  // namespace triage
