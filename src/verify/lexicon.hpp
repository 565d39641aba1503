#pragma once
// Words of twenty-seven languages by which an answer shows that it refuses or doubts.

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace triage::verify {

/// Each list has phrases in any case, separated by '|', with ' as apostrophe.
struct Lexicon {
  std::string_view language;  ///< ISO 639-1
  std::string_view refusals;  ///< phrases that refuse by themselves
  std::string_view cannot;    ///< phrases that refuse when one of `deeds` follows, after a space
  std::string_view deeds;
  std::string_view hedges;  ///< one of these says: this may be wrong
  std::string_view doubts;  ///< many of these say so
};

std::span<const Lexicon> lexicons();

std::vector<std::string_view> split_phrases(std::string_view list);

/// Appends `phrase`, and its form with typographic apostrophes if it has any.
void add_spellings(std::vector<std::string>& out, std::string phrase);

}  // namespace triage::verify
