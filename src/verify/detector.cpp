#include "verify/detector.hpp"

#include <algorithm>
#include <cstdio>

#include <cld2/public/compact_lang_det.h>
#include <cld2/public/encodings.h>

namespace triage::verify {
namespace {

constexpr int percent_least = 80;  // share of a text that must be in one language

// Languages that are written alike, and languages that differ only in longer texts.
constexpr std::string_view twins[] = {" hr bs sr sr-ME mk ", " id ms jw su ", " no nn da ",
                                      " zh zh-Hant ",        " cs sk ",       " fa tg "};
constexpr std::string_view relatives[] = {" no nn da sv ",       " hi ne mr bh sa ", " gl pt es ca it ", " nl af ",
                                          " ru uk be bg sr mk ", " hr bs sr sl ",    " az tr uz ",       " fa ur ps "};
constexpr int relatives_least = 150;

bool both_in(std::string_view list, const Language& a, const Language& b) {
  const auto has = [list](const Language& language) {
    return list.find(" " + language.code + " ") != std::string_view::npos;
  };
  return has(a) && has(b);
}

}  // namespace

Language language_of(std::string_view text, const Language& hint) {
  const CLD2::CLDHints hints{hint.code.empty() ? nullptr : hint.code.c_str(), nullptr, CLD2::UNKNOWN_ENCODING,
                             CLD2::UNKNOWN_LANGUAGE};
  CLD2::Language languages[3];
  int percents[3];
  double scores[3];
  int letters = 0;
  int valid = 0;
  bool reliable = false;
  std::string padded(text);  // CLD2 reads some bytes past the end
  padded.append(16, ' ');
  CLD2::ExtDetectLanguageSummaryCheckUTF8(padded.data(), static_cast<int>(text.size()), true, &hints, 0, languages,
                                          percents, scores, nullptr, &letters, &reliable, &valid);
  Language out;
  out.letters = letters;
  if (reliable && percents[0] >= percent_least && languages[0] != CLD2::UNKNOWN_LANGUAGE)
    out.code = CLD2::LanguageCode(languages[0]);
  return out;
}

bool may_be_confused(const Language& a, const Language& b) {
  const auto related = [&](std::string_view list) { return both_in(list, a, b); };
  if (a.code == b.code || std::any_of(std::begin(twins), std::end(twins), related)) return true;
  return std::min(a.letters, b.letters) < relatives_least &&
         std::any_of(std::begin(relatives), std::end(relatives), related);
}

}  // namespace triage::verify
