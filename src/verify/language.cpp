// A letter of Han, kana or hangul counts three: they say as much as three of an alphabet.
//
//   question   at least 8 letters, 60 % of one script       answer   at least 60 letters, 75 % of another one,
//                                                                    in which the question has less than 10 %, and
//                                                                    less than 20 % in the question's
//   Latin letters are a language only with its small words among them; otherwise they are names, formulas, program
//   text.
#include "verify/language.hpp"

#include "json/json.hpp"
#include "text/keywords.hpp"
#include "text/text_shape.hpp"
#include "text/utf8.hpp"
#include "verify/context.hpp"
#include "verify/function_words.hpp"

#include <algorithm>
#include <array>

namespace triage::verify {
namespace {

constexpr std::size_t looked_at_max = 16 * 1024;
constexpr double question_letters_least = 8;
constexpr double answer_letters_least = 60;

// The text without what stands in back-quotes.
std::string prose_of(std::string_view text) {
  text = utf8_prefix(text, looked_at_max);
  std::string out;
  while (!text.empty()) {
    const std::size_t begin = std::min(text.find('`'), text.size());
    out.append(text.substr(0, begin));
    text.remove_prefix(begin);
    if (text.empty()) break;
    const std::size_t width = std::min(text.find_first_not_of('`'), text.size());
    const std::string_view marks = text.substr(0, width);
    const std::size_t end = text.find(marks, width);
    if (end == std::string_view::npos && width < 3) {  // an apostrophe of somebody's own
      text.remove_prefix(width);
      continue;
    }
    out += ' ';
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + width);
  }
  return out;
}

struct Writing {
  explicit Writing(const std::string& prose) {
    TextShape shape;
    count_text(prose, shape);
    const auto set = [&](Script of, std::uint64_t letters, double weight) {
      letters_[static_cast<std::size_t>(of)] = static_cast<double>(letters) * weight;
    };
    set(Script::latin, shape.letters + shape.of(Letters::latin), 1);
    set(Script::greek, shape.of(Letters::greek), 1);
    set(Script::cyrillic, shape.of(Letters::cyrillic), 1);
    set(Script::hebrew, shape.of(Letters::hebrew), 1);
    set(Script::arabic, shape.of(Letters::arabic), 1);
    set(Script::devanagari, shape.of(Letters::devanagari), 1);
    set(Script::thai, shape.of(Letters::thai), 1);
    set(Script::hangul, shape.of(Letters::hangul), 3);
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

const KeywordSet& language_words() {
  static const KeywordSet out(std::vector<std::string>{
      "translate",   "translation",   "translated", "translator",   "language",   "languages",      "multilingual",
      "english",     "german",        "french",     "spanish",      "italian",    "portuguese",     "chinese",
      "mandarin",    "japanese",      "russian",    "korean",       "dutch",      "arabic",         "hindi",
      "polish",      "turkish",       "latin",      "greek",        "hebrew",     "ukrainian",      "vietnamese",
      "thai",        "übersetze",     "übersetzen", "übersetzung",  "übersetz",   "sprache",        "englisch",
      "englische",   "englischen",    "deutsch",    "deutsche",     "deutschen",  "französisch",    "spanisch",
      "italienisch", "portugiesisch", "chinesisch", "japanisch",    "russisch",   "niederländisch", "traduis",
      "traduire",    "traduisez",     "traduction", "langue",       "anglais",    "allemand",       "français",
      "espagnol",    "italien",       "portugais",  "chinois",      "japonais",   "russe",          "traduce",
      "traducir",    "traduzca",      "traducción", "idioma",       "inglés",     "alemán",         "francés",
      "español",     "italiano",      "portugués",  "chino",        "japonés",    "ruso",           "traduci",
      "tradurre",    "traduzione",    "lingua",     "inglese",      "tedesco",    "francese",       "spagnolo",
      "portoghese",  "cinese",        "giapponese", "russo",        "traduza",    "traduzir",       "tradução",
      "língua",      "inglês",        "alemão",     "francês",      "espanhol",   "português",      "chinês",
      "japonês",     "vertaal",       "vertaling",  "engels",       "duits",      "frans",          "spaans",
      "nederlands",  "翻译",          "翻譯",       "译成",         "譯成",       "语言",           "語言",
      "英文",        "英语",          "英語",       "中文",         "汉语",       "德语",           "法语",
      "日语",        "日文",          "俄语",       "西班牙语",     "韩语",       "翻訳",           "訳して",
      "和訳",        "英訳",          "言語",       "日本語",       "中国語",     "フランス語",     "ドイツ語",
      "スペイン語",  "ロシア語",      "韓国語",     "переведи",     "переведите", "перевод",        "язык",
      "языке",       "английский",    "английском", "по-английски", "немецкий",   "немецком",       "французский",
      "французском", "испанский",     "испанском",  "русский",      "русском",    "по-русски",      "китайский",
      "японский",    "번역",          "영어",       "한국어",       "일본어",     "중국어",         "ترجم",
      "العربية",     "الإنجليزية"});
  return out;
}

bool speaks_of_languages(const ApiRequest& request) {
  bool found = false;
  each_text(request, [&](std::string_view text) {
    const FoldedText folded(text, AnswerText::searched_max);
    for (const FoldedText::Part& part : folded.parts())
      language_words().find(part, [&](std::size_t) {
        found = true;
        return false;
      });
    return !found;
  });
  return found;
}

bool scripts_differ(const Writing& question, const Writing& answer) {
  if (question.all < question_letters_least || question.share(question.script) < 0.6) return false;
  if (answer.all < answer_letters_least || answer.share(answer.script) < 0.75) return false;
  if (question.script == answer.script) return false;
  // A few words of Han alone may be Japanese, too; Japanese in whole sentences has kana.
  if (question.script == Script::kana && answer.script == Script::cjk) return !answer.has_kana;
  if (question.script == Script::cjk && answer.script == Script::kana) return question.all >= 60;
  return question.share(answer.script) < 0.1 && answer.share(question.script) < 0.2;
}

}  // namespace

std::optional<std::string> find_other_language(const ApiRequest& request, const Features& features,
                                               const AnswerText& text) {
  const std::string asked = fold_case(prose_of(features.text()));
  const std::string answered = fold_case(prose_of(text.text));
  const Writing question(asked);
  const Writing answer(answered);
  std::string reason;
  if (scripts_differ(question, answer)) {
    if (question.script == Script::latin && !count_function_words(asked).language(2)) return std::nullopt;
    if (answer.script == Script::latin && !count_function_words(answered).language(5)) return std::nullopt;
    reason.append(word(answer.script)).append(" script, asked in ");
    reason.append(word(question.script));
  } else if (question.script == Script::latin && answer.script == Script::latin) {
    const std::optional<std::size_t> said = count_function_words(answered).language(10);
    const std::optional<std::size_t> wanted = said ? count_function_words(asked).language(4) : std::nullopt;
    if (!wanted || *said == *wanted) return std::nullopt;
    reason.append(latin_languages[*said]).append(", asked in ").append(latin_languages[*wanted]);
  }
  if (reason.empty() || speaks_of_languages(request)) return std::nullopt;
  return "the answer is in another language: " + reason;
}

}  // namespace triage::verify
