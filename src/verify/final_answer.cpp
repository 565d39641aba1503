#include "verify/final_answer.hpp"

#include "text/folded_text.hpp"
#include "verify/answer_chars.hpp"
#include "verify/contrast.hpp"
#include "verify/plain_spelling.hpp"

#include <algorithm>
#include <string>

namespace triage::verify {
namespace {

using Kind = AnswerValue::Kind;

constexpr std::size_t short_max = 120;  // bytes of a text that is an answer by itself
constexpr std::size_t sentence_max = 600;

// Where a sentence ends: at the end of a line, or at punctuation before a space that no lower case follows.
std::size_t sentence_end(std::string_view text, std::size_t from = 0) {
  for (std::size_t i = from; i < text.size(); ++i) {
    if (text[i] == '\n') return i;
    if (text.substr(i).starts_with("\u3002")) return i + 3;
    if ((text[i] != '.' && text[i] != '!' && text[i] != '?') || (i + 1 < text.size() && !is_blank(text[i + 1])))
      continue;
    const std::size_t next = text.find_first_not_of(" \t", i + 1);
    const bool abbreviated = i > 1 && is_letter(text[i - 1]) && (text[i - 2] == ' ' || text[i - 2] == '.');
    if (next == std::string_view::npos || text[next] == '\n') return i + 1;
    if (!abbreviated && !(text[next] >= 'a' && text[next] <= 'z')) return i + 1;
  }
  return text.size();
}

// "18, because 9 * 2 = 18" without the reason.
std::string_view without_reason(std::string_view text) {
  const std::string folded = fold_case(text);
  std::size_t end = text.size();
  for (const std::string_view reason :
       {" because ", ", since ", ", as ", ", which ", ", so ", "; ", " since ", " \u2014 ", " - the ", ", for "})
    end = std::min(end, folded.find(reason));
  return trimmed(text.substr(0, end), " ,");
}

std::string_view last_box(std::string_view text) {
  const std::size_t at = std::max(text.rfind("\\boxed{") + 1, text.rfind("\\fbox{") + 1);
  if (at == 0) return {};
  const std::size_t begin = text.find('{', at) + 1;
  int depth = 1;
  std::size_t end = begin;
  while (end < text.size() && (depth += text[end] == '{' ? 1 : text[end] == '}' ? -1 : 0) > 0) ++end;
  return end < text.size() ? text.substr(begin, end - begin) : std::string_view();
}

// Several boxes in one sentence are one answer in several parts, which is not supported.
bool boxed_alone(std::string_view text) {
  const std::size_t last = text.rfind("\\boxed{");
  const std::size_t before = last == 0 ? std::string_view::npos : text.rfind("\\boxed{", last - 1);
  if (before == std::string_view::npos) return true;
  const std::string_view between = text.substr(before, last - before);
  return between.find('\n') != std::string_view::npos || between.find(". ") != std::string_view::npos;
}

// What follows "####" in the last line.
std::string_view hashed(std::string_view text) {
  const std::string_view all = trimmed(text);
  const std::size_t line = all.rfind('\n') + 1;
  return all.substr(line).starts_with("#### ") ? trimmed(all.substr(line + 5)) : std::string_view();
}

// The offset after "answer" and a sign that it follows, such as a colon; npos: there is no such sign.
std::size_t behind_sign(std::string_view text, std::size_t at) {
  const std::size_t begin = text.find_first_not_of(" \t*_`", at);
  if (begin == std::string_view::npos) return begin;
  const std::string_view rest = text.substr(begin);
  for (const std::string_view sign : {":", "\uff1a", "=", "is:", "is ", "are ", "\u662f\uff1a", "\u662f", "\u70ba",
                                      "\u4e3a", "\u306f", "ist ", "est ", "es ", "\u00e8 ", "\u00e9 "})
    if (rest.starts_with(sign)) return begin + sign.size();
  return rest.starts_with('\n') ? begin : std::string_view::npos;
}

std::string_view behind_word(std::string_view text, std::string_view folded) {
  std::size_t best = std::string_view::npos;
  for (const std::string_view word : {"answer", "antwort", "r\u00e9ponse", "respuesta", "risposta", "resposta",
                                      "\u043e\u0442\u0432\u0435\u0442", "\u7b54\u6848", "\u7b54\u3048", "\ub2f5"})
    for (std::size_t at = folded.rfind(word); at != std::string_view::npos;
         at = at == 0 ? std::string_view::npos : folded.rfind(word, at - 1)) {
      const std::size_t behind = behind_sign(folded, at + word.size());
      if (behind == std::string_view::npos) continue;
      if (best == std::string_view::npos || behind > best) best = behind;
      break;
    }
  if (best == std::string_view::npos) return {};
  std::string_view rest = trimmed(text.substr(best), " \t\r\n*_`:");
  return trimmed(rest.substr(0, sentence_end(rest)));
}

std::string without_working(std::string_view text) {  // "<<9*2=18>>18"
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t open = text.find("<<", at);
    const std::size_t close = open == std::string_view::npos ? open : text.find(">>", open);
    out += text.substr(at, close == std::string_view::npos ? close : open - at);
    if (close == std::string_view::npos) break;
    at = close + 2;
  }
  return out;
}

// Whether a number is part of a formula, judging by what is on both sides: "3 + 5", "91 - 2x".
bool is_operand(std::string_view before, std::string_view behind) {
  constexpr std::string_view operators = "+-*/^<>(=";
  const char quote = behind.empty() ? 0 : behind[0];
  if ((quote == '"' || quote == '\'') && before.find(quote) == std::string_view::npos) return true;  // 5' and 5"
  before = trimmed(before);
  behind = trimmed(behind);
  const bool opened = behind.starts_with('(') && behind.size() > 1 && is_letter(behind[1]);  // "18 (in all)"
  return (!behind.empty() && !opened && operators.find(behind[0]) != std::string_view::npos) ||
         (!before.empty() && before.back() != '=' && before.back() != '(' &&
          operators.find(before.back()) != std::string_view::npos);
}

struct Found {
  Quantity number;
  std::size_t at = 0;
  bool operand = false;
};

bool is_joint(char c) {
  return c == ',' || c == '.' || c == '/';
}

// The numbers of a sentence, as plain_spelling() makes it.
std::vector<Found> numbers_in(std::string_view plain) {
  std::vector<Found> out;
  for (std::size_t at = 0; at < plain.size();) {
    if (!is_digit(plain[at])) {
      ++at;
      continue;
    }
    std::size_t begin = at;
    while (begin > 0 && (plain[begin - 1] == '$' || plain[begin - 1] == '.')) --begin;
    if (begin > 0 && plain[begin - 1] == '-' && (begin == 1 || !is_wordy(plain[begin - 2]))) --begin;
    const bool part = begin > 0 && is_wordy(plain[begin - 1]);  // "x2", "B12"
    std::string_view behind;
    const auto number = part ? std::nullopt : leading_quantity(plain.substr(begin), behind);
    if (number) {
      out.push_back({*number, begin, is_operand(plain.substr(0, begin), behind)});
      at = std::max(at + 1, plain.size() - behind.size());
    } else {
      while (at < plain.size() &&
             (is_digit(plain[at]) || (is_joint(plain[at]) && at + 1 < plain.size() && is_digit(plain[at + 1]))))
        ++at;
    }
  }
  return out;
}

// The last sentence with a number, in plain spelling; empty: there is none, or the text breaks off in a calculation.
std::string last_counting_sentence(std::string_view text) {
  const std::string whole = without_working(text.substr(text.size() - std::min(text.size(), 4 * sentence_max)));
  if (whole.rfind("<<") != std::string::npos) return {};
  std::string_view last;
  for (std::size_t at = 0; at < whole.size();) {
    const std::size_t end = sentence_end(whole, at);
    const std::string_view sentence = std::string_view(whole).substr(at, end - at);
    if (std::any_of(sentence.begin(), sentence.end(), is_digit)) last = sentence;
    at = std::max(end, at + 1);
  }
  return plain_spelling(last);
}

// What follows the last "=": "9 * 2 = $18 a day".
std::string_view result_in(std::string_view plain) {
  const std::size_t at = plain.rfind("= ");
  return at == std::string_view::npos ? std::string_view() : trimmed(plain.substr(at + 2));
}

// "minus 5" as "-5", where nothing is to be taken from.
std::string with_signs(std::string_view plain) {
  std::string out(plain);
  for (const std::string_view word : {"minus ", "negative "}) {
    std::string folded = to_lower(out);
    for (std::size_t at = folded.find(word); at != std::string::npos; at = folded.find(word, at + 1)) {
      const std::size_t behind = at + word.size();
      const std::string_view before = trimmed(std::string_view(out).substr(0, at));
      const bool number = behind < out.size() && (is_digit(out[behind]) || out[behind] == '$' || out[behind] == '.');
      if (!number || (at > 0 && out[at - 1] != ' ') || (!before.empty() && is_digit(before.back()))) continue;
      out.replace(at, word.size(), "-");
      folded.replace(at, word.size(), "-");
    }
  }
  return out;
}

// The part of a sentence, between commas, that has the byte at `at`: in long texts the other parts are about the way to
// the answer.
std::string_view clause_at(std::string_view sentence, std::size_t at) {
  std::size_t begin = 0;
  for (std::size_t i = 0; i + 1 < sentence.size(); ++i) {
    if ((sentence[i] != ',' && sentence[i] != ';') || sentence[i + 1] != ' ') continue;
    if (i >= at) return sentence.substr(begin, i - begin);
    begin = i + 1;
  }
  return sentence.substr(begin);
}

AnswerValue number_among(const Quantity& number, std::string among) {
  AnswerValue out;
  out.kind = Kind::number;
  out.number = number;
  out.among = std::move(among);
  return out;
}

// Kind none: no number is told, or one is denied.
AnswerValue told_number(std::string_view text, bool last) {
  const std::string sentence = with_signs(last_counting_sentence(text));
  if (sentence.empty() || sentence.size() > sentence_max) return {};
  const std::string_view result = result_in(sentence);
  const std::string_view part = result.empty() ? std::string_view(sentence) : result;
  const std::vector<Found> found = numbers_in(part);
  if (found.empty() || (found.size() > 1 && !last) || found.back().operand) return {};
  const std::size_t at = found.back().at + static_cast<std::size_t>(part.data() - sentence.data());
  const std::string among =
      text.size() <= short_max ? with_signs(plain_spelling(text)) : std::string(clause_at(sentence, at));
  if (denies(among) || gives_no_answer(among)) return {};
  return number_among(found.back().number, among);
}

// Whether a box is part of a formula, judging by what is on both sides, as written: "-\\boxed{5}", "\\boxed{5}x".
bool is_factor(std::string_view before, std::string_view behind) {
  const std::string_view bare = trimmed(before, " \t$(*_{");
  const bool bullet = bare == "-" && before.ends_with(' ');
  for (const std::string_view sign : {"-", "+", "<", ">", "\\pm", "\\mp", "\\times", "\\cdot", "\\ge", "\\le", "\\geq",
                                      "\\leq", "\\neq", "\\ne", "\\sqrt", "\u2265", "\u2264", "\u2260", "\u2212"})
    if (bare.ends_with(sign) && !bullet) return true;
  if (behind.empty()) return false;
  return is_alphanumeric(behind[0]) || behind[0] == '^' || behind[0] == '!' || behind.starts_with("\\sqrt") ||
         behind.starts_with("\\pi") || behind.starts_with("\\cdot") || behind.starts_with("\\times");
}

// The number in a box with what its sentence adds: "\boxed{5} cm", "she lost \boxed{5}". Kind none: it is a part of
// something larger, or denied.
AnswerValue with_sentence_of_box(AnswerValue value, std::string_view text, std::string_view box) {
  const auto inner = static_cast<std::size_t>(box.data() - text.data());
  const std::size_t open = text.rfind('\\', inner);
  const std::size_t line = text.rfind('\n', open) + 1;  // npos + 1 is 0
  std::size_t begin = line;
  for (std::size_t at = line; at < open; begin = at) {
    at = sentence_end(text, at);
    if (at >= open) break;
  }
  const std::string_view before = text.substr(begin, open - begin);
  const std::size_t close = std::min(inner + box.size() + 1, text.size());
  const std::string_view behind = text.substr(close, sentence_end(text, close) - close);
  if (is_factor(before, behind)) return {};
  const std::string_view sentence = text.substr(begin, close + behind.size() - begin);
  const std::string_view among = text.size() <= short_max ? text : clause_at(sentence, open - begin);
  if (among.size() > sentence_max) return value;
  value.among = with_signs(plain_spelling(among));
  if (denies(value.among)) return {};
  if (!value.number.kind.empty()) return value;
  std::string_view unit = behind.substr(std::min(behind.find_first_not_of(" \t$*_)}]"), behind.size()));
  if (unit.starts_with("\\)") || unit.starts_with("\\]")) unit.remove_prefix(2);
  const std::string with_unit = plain_spelling(std::string(box) + " " + std::string(unit.substr(0, unit.find('$'))));
  std::string_view rest;
  const auto number = leading_quantity(with_unit, rest);
  if (number && (!number->kind.empty() || number->spelled != value.number.spelled)) value.number = *number;
  return value;
}

}  // namespace

std::string_view marked_answer(std::string_view text) {
  if (const std::string_view end = hashed(text); !end.empty() && std::any_of(end.begin(), end.end(), is_digit))
    return end;
  const std::string folded = fold_case(text);
  const std::string_view word = behind_word(text, folded);
  const std::string_view box = last_box(text);
  if (box.empty()) return word;
  if (!boxed_alone(text)) return {};
  return word.data() > box.data() && !word.empty() ? word : box;
}

FinalAnswer final_answer(std::string_view text, const Asked& asked) {
  FinalAnswer out;
  text = trimmed(text);
  std::string_view said = marked_answer(text);
  const bool boxed = !said.empty() && said.data() == last_box(text).data();
  if (said.empty() && text.size() <= short_max && sentence_end(text) >= text.size()) said = text;
  if (gives_no_answer(said.empty() ? text : said)) return out;
  if (!said.empty()) {
    out.value = read_value(trimmed(said));
    if (out.value.kind == Kind::text) {
      if (AnswerValue head = read_value(without_reason(said)); head.kind == Kind::number || head.kind == Kind::choice)
        out.value = std::move(head);
    }
    if (out.value.kind == Kind::number && boxed) {
      out.value = with_sentence_of_box(std::move(out.value), text, said);
      return out;
    }
    if (out.value.kind == Kind::text) out.shorter = read_value_behind_question(said, asked);
    if (out.value.kind != Kind::none && out.value.kind != Kind::text) return out;
  }
  if (!asked.quantity) return out;
  AnswerValue told = told_number(said.empty() ? text : said, false);
  if (told.kind == Kind::number) (said.empty() ? out.value : out.shorter) = std::move(told);
  return out;
}

AnswerValue final_number(std::string_view text) {
  const std::string_view marked = trimmed(marked_answer(text));
  if (!marked.empty()) {
    const bool boxed = marked.data() == trimmed(last_box(text)).data();
    const std::string plain = with_signs(plain_spelling(marked));
    if (AnswerValue value = read_value(plain); value.kind == Kind::number)
      return boxed ? with_sentence_of_box(std::move(value), text, marked) : value;
    if (denies(plain) || gives_no_answer(plain)) return {};
    const std::vector<Found> found = numbers_in(result_in(plain).empty() ? std::string_view(plain) : result_in(plain));
    if (!found.empty() && !found.front().operand) return number_among(found.front().number, plain);
  }
  if (AnswerValue value = read_value(text); value.kind == Kind::number) return value;
  return told_number(text, true);
}

std::optional<char> final_choice(std::string_view text) {
  const auto letter = [](const AnswerValue& value) -> std::optional<char> {
    if (value.kind != Kind::choice || value.choice.size() != 1) return std::nullopt;
    return value.choice[0];
  };
  const std::string_view marked = marked_answer(text);
  if (const auto out = letter(read_value(without_reason(trimmed(marked))))) return out;
  if (const auto out = letter(read_value(text))) return out;
  std::optional<char> out;
  std::size_t clause = 0;  // where the words before a letter begin that may deny it: "not (A), so (B)"
  for (std::size_t at = text.find('('); at != std::string_view::npos; at = text.find('(', at + 1)) {
    if (at + 2 >= text.size() || text[at + 1] < 'A' || text[at + 1] > 'J' || text[at + 2] != ')') continue;
    const std::string_view before = text.substr(clause, at - clause);
    const std::size_t mark = before.find_last_of(",.;:!?\n");
    if (!denies(before.substr(mark == std::string_view::npos ? 0 : mark + 1))) out = text[at + 1];
    clause = at + 3;
  }
  return out;
}

}  // namespace triage::verify
