// Nobody refuses at the end: what a long answer says further down ("I cannot give you the exact year, but") limits it.
#include "verify/refusal.hpp"

#include "base/keywords.hpp"
#include "verify/lexicon.hpp"

#include <algorithm>
#include <array>

namespace triage::verify {
namespace {

constexpr std::size_t opening_bytes = 400;

struct Phrases {
  std::vector<std::string> phrases;
  KeywordSet set;
};

const Phrases& refusals() {
  static const Phrases out = [] {
    std::vector<std::string> phrases;
    for (const Lexicon& each : lexicons()) {
      for (const std::string_view phrase : split_phrases(each.refusals)) add_spellings(phrases, std::string(phrase));
      for (const std::string_view cannot : split_phrases(each.cannot))
        for (const std::string_view deed : split_phrases(each.deeds))
          add_spellings(phrases, std::string(cannot) + " " + std::string(deed));
    }
    KeywordSet set(phrases);
    for (std::string& phrase : phrases) phrase = fold_case(phrase);
    return Phrases{std::move(phrases), std::move(set)};
  }();
  return out;
}

bool in_quotes(std::string_view text, std::size_t at) {
  constexpr std::array<std::string_view, 9> quotes{"\"",     "'",      "\u201c", "\u2018", "\u00ab",
                                                   "\u300c", "\u201e", "`",      "\u2019"};
  const std::string_view before = text.substr(0, at);
  return std::any_of(quotes.begin(), quotes.end(), [&](std::string_view quote) { return before.ends_with(quote); });
}

}  // namespace

std::optional<std::string> find_refusal(const Completion& answer, const AnswerText& text, std::string_view asked) {
  if (!answer.refusal.empty()) return "the model refused";
  if (answer.finish_reason == "content_filter") return "the provider's content filter stopped it";
  const std::size_t begin = std::min(text.text.find_first_not_of(" \t\r\n*#>"), text.text.size());
  const FoldedText opening(text.text.substr(begin, opening_bytes), opening_bytes);
  const FoldedText::Part& part = opening.parts().front();
  const Phrases& known = refusals();
  Echo echo(asked);
  std::optional<std::string> out;
  known.set.find(part, [&](std::size_t index) {
    const std::string& phrase = known.phrases[index];
    if (in_quotes(part.folded, part.folded.find(phrase))) return true;
    if (echo.has(phrase)) return echo.patient();
    out = "refusal: \"" + phrase + "\"";
    return false;
  });
  return out;
}

}  // namespace triage::verify
