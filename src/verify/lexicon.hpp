#pragma once
// Words of twenty-one languages by which an answer shows that it refuses or doubts.

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace triage::verify {

/// Lists are phrases with '|' between, in any case, with ' as apostrophe.
struct Lexicon {
  std::string_view language;  ///< ISO 639-1
  std::string_view refusals;  ///< phrases that refuse by themselves
  std::string_view cannot;    ///< and those that do with one of `deeds` behind, a blank between
  std::string_view deeds;
  std::string_view hedges;  ///< one says: this may be wrong
  std::string_view doubts;  ///< many of them say so
};

std::span<const Lexicon> lexicons();

std::vector<std::string_view> split_phrases(std::string_view list);

/// Appends `phrase`, and its form with typographic apostrophes if it has any.
void add_spellings(std::vector<std::string>& out, std::string phrase);

}  // namespace triage::verify
