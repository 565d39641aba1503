// No answer refuses at its end: a later "I cannot give you the exact year, but" only limits the answer.
#include "verify/refusal.hpp"

#include "text/keywords.hpp"
#include "verify/lexicon.hpp"

#include <algorithm>
#include <array>

namespace triage::verify {
namespace {

constexpr std::size_t opening_characters = 400;

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

struct Quotes {
  std::string_view open;
  std::string_view close;
};
constexpr std::array<Quotes, 5> pairs{
    {{"\u201c", "\u201d"}, {"\u00ab", "\u00bb"}, {"\u300c", "\u300d"}, {"\u201e", "\u201c"}, {"\u2018", "\u2019"}}};

bool in_quotes(std::string_view text, std::size_t at) {
  const std::string_view before = text.substr(0, at);
  if (std::count(before.begin(), before.end(), '"') % 2 == 1 || before.ends_with('\'') || before.ends_with('`'))
    return true;
  return std::any_of(pairs.begin(), pairs.end(), [&](const Quotes& quotes) {
    const std::size_t open = before.rfind(quotes.open);
    return open != std::string_view::npos && before.find(quotes.close, open + 1) == std::string_view::npos;
  });
}

// The size in bytes of the first `characters` characters.
std::size_t bytes_of(std::string_view text, std::size_t characters) {
  std::size_t at = 0;
  for (; at < text.size(); ++at)
    if ((static_cast<unsigned char>(text[at]) & 0xc0) != 0x80 && characters-- == 0) break;
  return at;
}

}  // namespace

std::optional<std::string> find_refusal(const Completion& answer, const AnswerText& text, const ChatView& asked) {
  if (!answer.refusal.empty()) return "the model refused";
  if (answer.finish_reason == "content_filter") return "the provider's content filter stopped it";
  const std::size_t begin = std::min(text.text.find_first_not_of(" \t\r\n*#>"), text.text.size());
  const FoldedText::Part opening =
      text.folded.parts().front().first(begin + bytes_of(text.text.substr(begin), opening_characters));
  const Phrases& known = refusals();
  Echo echo(asked);
  std::optional<std::string> out;
  known.set.find(opening, [&](std::size_t index) {
    const std::string& phrase = known.phrases[index];
    if (in_quotes(opening.folded, opening.folded.find(phrase))) return true;
    if (echo.has(phrase)) return echo.patient();
    out = "refusal: \"" + phrase + "\"";
    return false;
  });
  return out;
}

}  // namespace triage::verify
