#include "verify/hedging.hpp"

#include "text/keywords.hpp"
#include "verify/lexicon.hpp"

namespace triage::verify {
namespace {

constexpr std::size_t doubts_least = 4;
constexpr std::size_t bytes_per_doubt = 200;

struct Phrases {
  std::vector<std::string> phrases;
  std::size_t hedges = 0;  // how many of the phrases are hedges; the others are doubts
  KeywordSet set;
};

const Phrases& hedges() {
  static const Phrases out = [] {
    std::vector<std::string> phrases;
    for (const Lexicon& each : lexicons())
      for (const std::string_view phrase : split_phrases(each.hedges)) add_spellings(phrases, std::string(phrase));
    const std::size_t count = phrases.size();
    for (const Lexicon& each : lexicons())
      for (const std::string_view phrase : split_phrases(each.doubts)) add_spellings(phrases, std::string(phrase));
    KeywordSet set(phrases);
    for (std::string& phrase : phrases) phrase = fold_case(phrase);
    return Phrases{std::move(phrases), count, std::move(set)};
  }();
  return out;
}

}  // namespace

std::optional<std::string> find_hedging(const AnswerText& text, const ChatView& asked) {
  const Phrases& known = hedges();
  Echo echo(asked);
  std::optional<std::string> out;
  std::size_t doubts = 0;
  std::size_t bytes = 0;
  for (const FoldedText::Part& part : text.folded.parts()) {
    bytes += part.folded.size();
    known.set.find(part, [&](std::size_t index) {
      if (index >= known.hedges) {
        ++doubts;
        return true;
      }
      const std::string& phrase = known.phrases[index];
      if (echo.has(phrase)) return echo.patient();
      out = "hedging: \"" + phrase + "\"";
      return false;
    });
    if (out) return out;
  }
  if (doubts >= doubts_least && doubts * bytes_per_doubt >= bytes)
    out = "hedging: " + std::to_string(doubts) + " words of doubt in " + std::to_string(bytes) + " bytes";
  return out;
}

}  // namespace triage::verify
