#include "verify/answer_value.hpp"

#include "verify/answer_chars.hpp"
#include "verify/contrast.hpp"
#include "verify/plain_spelling.hpp"

#include <algorithm>

namespace triage::verify {
namespace {

using Kind = AnswerValue::Kind;

constexpr std::size_t value_max = 400;  // the most bytes read as one value
constexpr std::size_t lead_words_max = 12;
constexpr int depth_max = 16;
constexpr std::size_t items_max = 256;

constexpr std::string_view verbs = " is are was were it's that's = equals ";
constexpr std::string_view lead_words =
    " the a an it it's that that's this is are was were there so therefore thus hence answer final correct result "
    "option choice equals : = ";

bool stands_in(std::string_view words, std::string_view word) {
  return words.find(" " + std::string(word) + " ") != std::string_view::npos;
}

// `text` without "It is", "The answer is" or any of `words` in front.
std::string_view without_lead(std::string_view text, std::string_view words) {
  std::size_t behind = 0;
  std::size_t count = 0;
  for (const std::string_view word : words_of(text)) {
    const std::string bare = to_lower(trimmed(word, ",:"));
    if (++count > lead_words_max || (!bare.empty() && !stands_in(lead_words, bare) && !stands_in(words, bare))) break;
    const auto end = static_cast<std::size_t>(word.data() + word.size() - text.data());
    if ((stands_in(verbs, bare) || word.ends_with(':')) && end < text.size()) behind = end;
  }
  return trimmed(text.substr(behind));
}

// Removes the end marks of "Paris." and "yes!", but leaves "5!".
std::string_view without_end_marks(std::string_view text) {
  while (!text.empty()) {
    const char last = text.back();
    const bool dots = text.ends_with("..");
    const bool call =
        last == '!' && text.size() > 2 && is_letter(text[text.size() - 2]) && is_letter(text[text.size() - 3]);
    if (dots) break;
    if (!call && last != '.' && last != ',' && last != ';' && last != ':' && last != ' ') break;
    text.remove_suffix(1);
  }
  return trimmed(text, " :");
}

// "x = 3" becomes 3, called x.
std::string_view behind_assignment(std::string_view text, char& name) {
  const std::size_t at = text.find('=');
  if (at == std::string_view::npos || text.find('=', at + 1) != std::string_view::npos) return text;
  const std::string_view variable = trimmed(text.substr(0, at));
  if (variable.size() != 1 || !is_letter(variable[0])) return text;
  name = variable[0];
  return trimmed(text.substr(at + 1));
}

// "Canberra (since 1927)" without the parentheses, if they contain words.
std::string_view without_remark(std::string_view text) {
  if (!text.ends_with(')')) return text;
  const std::size_t open = text.rfind(" (");
  if (open == std::string_view::npos || open == 0) return text;
  const std::string_view inner = text.substr(open + 2, text.size() - open - 3);
  const bool words =
      std::count_if(inner.begin(), inner.end(), is_letter) >= 3 && inner.find(' ') != std::string_view::npos;
  return words ? trimmed(text.substr(0, open)) : text;
}

bool read_choice(std::string_view text, AnswerValue& out) {
  std::string_view rest = text;
  for (const std::string_view word : {"option ", "choice "})
    if (to_lower(rest.substr(0, word.size())) == word) rest.remove_prefix(word.size());
  const bool open = rest.starts_with('(') || rest.starts_with('[');
  if (open) rest.remove_prefix(1);
  const bool letter = !rest.empty() && ((rest[0] >= 'A' && rest[0] <= 'J') ||
                                        ((open || rest.size() == 1) && rest[0] >= 'a' && rest[0] <= 'j'));
  if (!letter || (rest.size() > 1 && is_wordy(rest[1]))) return false;
  out.choice = std::string(1, static_cast<char>(rest[0] & ~0x20));
  rest.remove_prefix(1);
  const bool closed = rest.starts_with(')') || rest.starts_with(']');
  if (open != closed && open) return false;
  const bool marked = closed || rest.starts_with('.') || rest.starts_with(':');
  if (marked) rest.remove_prefix(1);
  if (!rest.empty() && (!marked || rest[0] != ' ')) return false;  // "A man", "A+", "C++"
  out.text = std::string(trimmed(rest));
  out.kind = Kind::choice;
  return true;
}

bool read_yes_or_no(std::string_view text, AnswerValue& out) {
  std::size_t end = 0;
  while (end < text.size() && is_letter(text[end])) ++end;
  const std::string word = to_lower(text.substr(0, end));
  if (word != "yes" && word != "no" && word != "true" && word != "false") return false;
  if (end < text.size() && text[end] != ',' && text[end] != '.' && text[end] != ':' && text[end] != ';') return false;
  out.choice = word == "true" ? "yes" : word == "false" ? "no" : word;
  out.text = std::string(trimmed(text.substr(end), " ,.:;"));
  out.kind = Kind::choice;
  return true;
}

// Splits at the commas outside of brackets and quotes; empty: these do not match.
std::vector<std::string_view> items_of(std::string_view text) {
  std::vector<std::string_view> out;
  std::string open;
  char quote = 0;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const char c = i < text.size() ? text[i] : ',';
    if (quote != 0 && i < text.size()) {
      if (c == quote) quote = 0;
    } else if ((c == '"' || c == '\'') && (i == 0 || !is_wordy(text[i - 1]))) {
      quote = c;
    } else if (c == '(' || c == '[' || c == '{') {
      open += c;
    } else if (c == ')' || c == ']' || c == '}') {
      if (open.empty()) return {};
      open.pop_back();
    } else if (c == ',' && open.empty()) {
      out.push_back(trimmed(text.substr(begin, i - begin)));
      begin = i + 1;
    }
  }
  if (!open.empty() || quote != 0 || out.size() > items_max) return {};
  if (out.size() > 1 && out.back().empty()) out.pop_back();  // "(1,)"
  return out;
}

char closing(char open) {
  return open == '(' ? ')' : open == '[' ? ']' : open == '{' ? '}' : 0;
}

AnswerValue read_plain(std::string_view text, int depth);

bool read_list(std::string_view text, AnswerValue& out, int depth) {
  const char close = text.size() > 1 ? closing(text[0]) : 0;
  if (close != 0 && text.back() == close) {
    const std::string_view inner = trimmed(text.substr(1, text.size() - 2));
    const std::vector<std::string_view> items = items_of(inner);
    if (items.empty()) return false;
    if (text[0] == '(' && items.size() == 1 && !inner.ends_with(',')) return false;  // "(x + 1)"
    out.bracket = text[0];
    if (!inner.empty())
      for (const std::string_view item : items) out.items.push_back(read_plain(item, depth + 1));
  } else {
    const std::vector<std::string_view> items = items_of(text);
    if (items.size() < 2) return false;
    for (const std::string_view item : items) out.items.push_back(read_plain(item, depth + 1));
    if (std::any_of(out.items.begin(), out.items.end(),
                    [](const AnswerValue& item) { return item.kind != Kind::number; })) {
      out.items.clear();
      return false;
    }
  }
  out.kind = Kind::list;
  return true;
}

bool has_minus(std::string_view text) {
  for (std::size_t at = text.find('-'); at != std::string_view::npos; at = text.find('-', at + 1)) {
    const char before = at > 0 ? text[at - 1] : ' ';
    const char behind = at + 1 < text.size() ? text[at + 1] : ' ';
    if (is_blank(before) || is_blank(behind) || is_digit(before) || is_digit(behind)) return true;
  }
  return false;
}

// Words may be capitalised, formulas and code may have spaces.
std::string compared_text(std::string text) {
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] == '\'' && (i == 0 || !is_digit(text[i - 1])) &&
        (i == 0 || i + 1 == text.size() || !is_wordy(text[i - 1]) || !is_wordy(text[i + 1])))
      text[i] = '"';
  const bool formula = text.find_first_of("=<>{}[]\\^+/*|&#@~;()") != std::string_view::npos || has_minus(text);
  std::string out;
  if (formula) {
    for (std::size_t i = 0; i < text.size(); ++i) {
      const bool between_words =
          text[i] == ' ' && i > 0 && i + 1 < text.size() && is_wordy(text[i - 1]) && is_wordy(text[i + 1]);
      const bool idle_star =
          text[i] == '*' && i > 0 && i + 1 < text.size() && is_digit(text[i - 1]) && is_letter(text[i + 1]);
      if ((text[i] != ' ' || between_words) && !idle_star) out += text[i];
    }
    return out;
  }
  for (const std::string_view word : words_of(text)) {
    const bool mark = word.size() > 1 && std::string_view(",.;:!?").find(word.back()) != std::string_view::npos;
    std::string small(word.substr(0, word.size() - (mark ? 1 : 0)));
    const std::string folded = to_lower(small);
    if (out.empty() && (folded == "the" || folded == "a" || folded == "an") && word.size() < text.size()) continue;
    if (folded == "am" || folded == "pm" || folded == "none" || folded == "null")
      small = folded;
    else if (small.size() > 1)
      small[0] = folded[0];
    for (std::size_t i = 1; i < small.size(); ++i)
      if (small[i - 1] == '-' && is_letter(small[i])) small[i - 1] = ' ', small[i] = folded[i];
    out.append(out.empty() ? "" : " ").append(small);
  }
  return out;
}

AnswerValue read_plain(std::string_view text, int depth) {
  AnswerValue out;
  if (text.empty() || depth > depth_max) return out;
  const char quote = text[0];
  if (text.size() > 1 && (quote == '"' || quote == '\'') && text.back() == quote &&
      text.find(quote, 1) == text.size() - 1) {
    out.kind = Kind::text;
    out.text = std::string(text.substr(1, text.size() - 2));
    out.exact = true;
    return out;
  }
  if (const auto number = read_quantity(text)) {
    out.kind = Kind::number;
    out.number = *number;
    return out;
  }
  if (read_choice(text, out) || read_yes_or_no(text, out) || read_list(text, out, depth)) return out;
  out.kind = Kind::text;
  out.text = compared_text(std::string(text));
  out.spelled = std::string(text);
  if (out.text.empty()) out.kind = Kind::none;
  return out;
}

// The same number is not the same answer if its words negate it, or turn it round.
Sameness compare_numbers(const AnswerValue& a, const AnswerValue& b, const Asked& asked) {
  const Sameness out = compare(a.number, b.number, asked.percent);
  const auto words = [](const AnswerValue& value) {
    return value.among.empty() ? "0 " + value.number.words : value.among;  // whichever number
  };
  return out == Sameness::same && may_contrast(words(a), words(b), asked.words) ? Sameness::unclear : out;
}

Sameness compare_choices(const AnswerValue& a, const AnswerValue& b) {
  if (a.choice != b.choice)
    return (a.choice.size() == 1) == (b.choice.size() == 1) ? Sameness::different : Sameness::unclear;
  if (a.text.empty() || b.text.empty()) return Sameness::same;
  return compared_text(a.text) == compared_text(b.text) ? Sameness::same : Sameness::unclear;
}

Sameness compare_lists(const AnswerValue& a, const AnswerValue& b, const Asked& asked) {
  if (a.bracket != b.bracket || a.items.size() != b.items.size()) return Sameness::different;
  Sameness out = Sameness::same;
  for (std::size_t i = 0; i < a.items.size(); ++i) {
    if (a.items[i].kind == Kind::none && b.items[i].kind == Kind::none) continue;
    const Sameness item = compare(a.items[i], b.items[i], asked);
    if (item == Sameness::different) return item;
    if (item == Sameness::unclear) out = item;
  }
  return out;
}

// Quotes do not matter, unless the text would be something else without them.
Sameness compare_texts(const AnswerValue& a, const AnswerValue& b) {
  const auto same_if = [](bool same, Sameness otherwise) { return same ? Sameness::same : otherwise; };
  if (a.exact && b.exact) return same_if(a.text == b.text, Sameness::different);
  if (a.exact || b.exact)
    return same_if((a.exact ? a.text : a.spelled) == (b.exact ? b.text : b.spelled), Sameness::unclear);
  return same_if(a.text == b.text, Sameness::different);
}

constexpr std::string_view quantities[] = {
    "total",   "sum",        "number",      "value",  "amount",     "cost",        "price",  "profit",
    "income",  "salary",     "balance",     "budget", "distance",   "length",      "height", "width",
    "depth",   "weight",     "mass",        "age",    "speed",      "area",        "volume", "perimeter",
    "percent", "percentage", "probability", "chance", "average",    "mean",        "median", "difference",
    "product", "quotient",   "ratio",       "score",  "population", "temperature", "year"};

}  // namespace

Asked read_asked(std::string_view question) {
  Asked out;
  out.words = " ";
  for (const char c : to_lower(question)) {
    if (is_wordy(c) || c == '\'')
      out.words += c;
    else if (out.words.back() != ' ')
      out.words += ' ';
  }
  out.words += ' ';
  const auto has = [&](std::string_view words) { return stands_in(out.words, words); };
  out.percent = question.find('%') != std::string_view::npos || has("percent") || has("percentage") || has("per cent");
  const auto any = [&](auto begin, auto end) { return std::any_of(begin, end, has); };
  constexpr std::string_view plain[] = {"how many", "how much", "how long", "how far",
                                        "how old",  "how tall", "how fast", "how often"};
  constexpr std::string_view asking[] = {"what", "what's", "find", "calculate", "compute", "determine"};
  out.quantity = any(std::begin(plain), std::end(plain)) ||
                 (any(std::begin(asking), std::end(asking)) && any(std::begin(quantities), std::end(quantities)));
  return out;
}

namespace {

AnswerValue read_behind_lead(std::string_view text, std::string_view words, bool must) {
  if (text.size() > 2 * value_max) return {};
  const std::string plain = plain_spelling(text);
  const std::string_view all = without_end_marks(without_lead(without_end_marks(plain), ""));
  std::string_view rest = must ? without_end_marks(without_lead(all, words)) : all;
  if (must && rest.size() == all.size()) return {};
  char name = 0;
  rest = behind_assignment(without_end_marks(without_remark(rest)), name);
  if (rest.size() > value_max) return {};
  AnswerValue out = read_plain(rest, 0);
  out.name = name;
  return out;
}

}  // namespace

AnswerValue read_value(std::string_view text) {
  return read_behind_lead(text, "", false);
}

AnswerValue read_value_behind_question(std::string_view text, const Asked& asked) {
  return read_behind_lead(text, asked.words, true);
}

Sameness compare(const AnswerValue& a, const AnswerValue& b, const Asked& asked) {
  if (a.kind == Kind::none || b.kind == Kind::none) return Sameness::unclear;
  if (a.name != 0 && b.name != 0 && a.name != b.name) return Sameness::unclear;
  if (a.kind == Kind::choice && b.kind == Kind::text) return compare(b, a, asked);
  if (a.kind == Kind::text && b.kind == Kind::choice)
    return !b.text.empty() && compared_text(b.text) == a.text ? Sameness::same : Sameness::unclear;
  if (a.kind != b.kind) return Sameness::unclear;
  switch (a.kind) {
    case Kind::number: return compare_numbers(a, b, asked);
    case Kind::choice: return compare_choices(a, b);
    case Kind::list: return compare_lists(a, b, asked);
    default: return compare_texts(a, b);
  }
}

}  // namespace triage::verify
