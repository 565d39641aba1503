#pragma once
// Closed lists of words: an enum, and how its values are written. Each enum has one table, which serves reading,
// checking, the JSON Schema, dumps and messages.

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

namespace triage {

/// The words of E, in the order of its enumerators, which count from 0. Each such enum specialises this.
template <class E>
inline constexpr std::array<std::string_view, 0> words{};

/// What E's words are called in messages: "known WHATs: ...".
template <class E>
inline constexpr std::string_view word_noun = "word";

/// Deprecated spellings, still read with a warning, and what they mean.
template <class E>
inline constexpr std::array<std::pair<std::string_view, E>, 0> old_words{};

template <class E>
concept Worded = std::is_enum_v<E> &&(words<E>.size() > 0);

template <Worded E>
constexpr std::string_view word(E value) noexcept {
  return words<E>[static_cast<std::size_t>(value)];
}

/// nullopt: `text` is none of E's words.
template <Worded E>
constexpr std::optional<E> from_word(std::string_view text) noexcept {
  const auto found = std::find(words<E>.begin(), words<E>.end(), text);
  if (found == words<E>.end()) return std::nullopt;
  return static_cast<E>(found - words<E>.begin());
}

}  // namespace triage
