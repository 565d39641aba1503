// Languages by CLD2, or scripts where CLD2 cannot tell, because a text is too short for it or it does not know the
// language:
//
//   question   at least 20 letters of one language, or 8 letters, 60 % of one script (Han, kana and hangul count three)
//   answer     at least 60 letters of one language that is not the question's, nor that of its first or last line, for
//              "Sum this up:" may stand before a text in another one; or 30 letters of a script that is neither Latin
//              nor the question's
//
// Lists of names have no language.
#include "verify/language.hpp"

#include "text/folded_text.hpp"
#include "text/text_shape.hpp"
#include "text/utf8.hpp"
#include "verify/answer_chars.hpp"
#include "verify/detector.hpp"
#include "verify/language_words.hpp"
#include "verify/prose.hpp"

#include <algorithm>
#include <array>

namespace triage::verify {
namespace {

constexpr double question_letters_least = 8;
constexpr double answer_letters_least = 60;
constexpr double other_script_least = 30;  // letters in a script that is neither Latin nor the question's tell at once
constexpr double sentence_letters_least = 12;
constexpr int question_language_least = 20;
constexpr int question_sure = 60;  // a shorter question may also be in the answer's language, if CLD2 thinks so
constexpr std::size_t instruction_max = 300;
constexpr std::size_t beginning_max = 512;       // of prose
constexpr std::size_t searched_max = 16 * 1024;  // of a message

struct Writing {
  explicit Writing(const std::string& prose) {
    TextShape shape;
    count_text(prose, shape);
    const auto set = [&](Script of, std::uint64_t letters, double weight) {
      letters_[static_cast<std::size_t>(of)] = static_cast<double>(letters) * weight;
    };
    set(Script::latin,
        shape.letters + shape.of(Letters::latin) + shape.of(Letters::latin_more) + shape.of(Letters::vietnamese), 1);
    set(Script::greek, shape.of(Letters::greek), 1);
    set(Script::cyrillic, shape.of(Letters::cyrillic) + shape.of(Letters::cyrillic_more), 1);
    set(Script::hebrew, shape.of(Letters::hebrew), 1);
    set(Script::arabic, shape.of(Letters::arabic), 1);
    set(Script::devanagari, shape.of(Letters::devanagari), 1);
    set(Script::thai, shape.of(Letters::thai), 1);
    set(Script::hangul, shape.of(Letters::hangul), 3);
    set(Script::other, shape.of_other_scripts(), 1);
    const std::uint64_t kana = shape.of(Letters::kana);
    const std::uint64_t both = kana + shape.of(Letters::han);
    set(10 * kana >= both ? Script::kana : Script::cjk, both, 3);
    has_kana = kana > 0;
    for (const double each : letters_) all += each;
    script = static_cast<Script>(std::max_element(letters_.begin(), letters_.end()) - letters_.begin());
  }
  [[nodiscard]] double share(Script of) const { return all > 0 ? letters_[static_cast<std::size_t>(of)] / all : 0; }
  Script script = Script::none;
  double all = 0;
  bool has_kana = false;

 private:
  std::array<double, words<Script>.size()> letters_{};
};

// Whether any of the request's messages does.
bool speaks_of_languages(const ChatView& request) {
  bool found = false;
  request.each_text([&](std::string_view text) {
    const FoldedText folded(text, searched_max);
    for (const FoldedText::Part& part : folded.parts()) found = found || verify::speaks_of_languages(part.folded);
    return !found;
  });
  return found;
}

bool scripts_differ(const Writing& question, const Writing& answer) {
  if (question.all < question_letters_least || question.share(question.script) < 0.6) return false;
  if (answer.share(answer.script) < 0.75) return false;
  if (question.script == answer.script) return false;
  // A few words of Han may also be Japanese; whole sentences of Japanese have kana.
  if (question.script == Script::kana && answer.script == Script::cjk) return !answer.has_kana;
  if (question.script == Script::cjk && answer.script == Script::kana) return question.all >= 60;
  return question.share(answer.script) < 0.1 && answer.share(question.script) < 0.2;
}

// Whether the answer's language is that of the question's first or last line.
bool instructed_in(std::string_view question, const Language& answer) {
  const std::string_view text = trimmed(question);
  const std::string_view first = trimmed(text.substr(0, std::min(text.find('\n'), instruction_max)));
  const std::size_t line = text.rfind('\n') + 1;
  const std::string_view last = utf8_suffix(text.substr(line), instruction_max);
  return std::ranges::any_of(std::initializer_list<std::string_view>{first, last}, [&](std::string_view part) {
    const Language language = language_of(prose_of(part).text);
    return !language.code.empty() && language.code == answer.code;
  });
}

// Whether these are words of a language, whichever it is, rather than names or a formula.
bool is_sentence(const Prose& prose, const Writing& writing) {
  return !prose.names && writing.all >= sentence_letters_least && std::ranges::count(prose.text, ' ') >= 2;
}

// Whether `question` is long enough to have a language.
bool is_language(const Language& question) {
  return !question.code.empty() && question.letters >= question_language_least;
}

// Whether both begin in the same language for certain. It spares most answers the look at all that prose_of() keeps,
// which CLD2 reads at 250 instructions a byte.
bool begin_alike(std::string_view question, std::string_view answer) {
  const Prose prose = prose_of(question, beginning_max);
  if (prose.text.size() < question_sure) return false;
  const Language answered = language_of(prose_of(answer, beginning_max).text);
  if (answered.code.empty() || answered.letters < answer_letters_least) return false;
  const Language asked = language_of(prose.text);
  return asked.code == answered.code && asked.letters >= question_sure;
}

}  // namespace

std::optional<std::string> find_other_language(const ChatView& request, const AnswerText& text) {
  const Prose answered = prose_of(text.text);
  if (answered.names) return std::nullopt;
  const Writing writing(answered.text);
  const bool is_short = writing.all < answer_letters_least;
  if (is_short && (writing.script == Script::latin || writing.all < other_script_least)) return std::nullopt;
  if (begin_alike(request.text(), text.text)) return std::nullopt;
  const Prose asked = prose_of(request.text());
  if (asked.text.empty()) return std::nullopt;
  const Language answer = language_of(answered.text);
  const Language question = language_of(asked.text);
  const Writing question_writing(asked.text);
  const bool scripts = scripts_differ(question_writing, writing);
  const bool known = !is_short && is_language(question) && !answer.code.empty();
  if (!known && !scripts) return std::nullopt;
  if (known && may_be_confused(question, answer)) return std::nullopt;
  if (known && question.letters < question_sure && language_of(asked.text, answer).code != question.code)
    return std::nullopt;
  // Words of Latin letters may be names or formulas.
  if (!known && question_writing.script == Script::latin && !is_language(question) &&
      !(is_sentence(asked, question_writing) && writing.script != Script::latin))
    return std::nullopt;
  if (!known && writing.script == Script::latin && answer.code.empty()) return std::nullopt;
  if (instructed_in(request.text(), answer) || speaks_of_languages(request)) return std::nullopt;
  const auto name = [](const Language& language, const Writing& letters) {
    if (!language.code.empty()) return language.code;
    return std::string(word(letters.script)) + " script";
  };
  return "the answer is in another language: " + name(answer, writing) + ", asked in " +
         name(question, question_writing);
}

}  // namespace triage::verify
