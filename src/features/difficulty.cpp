#include "features/difficulty.hpp"

#include "features/question.hpp"
#include "text/keywords.hpp"

#include <algorithm>
#include <bitset>
#include <cmath>

namespace triage::features {
namespace {

// Appends numbers in the order of difficulty_table().
class Row {
 public:
  explicit Row(std::array<float, difficulty_count>& out) : out_(out) {}
  void add(float value) noexcept { out_[at_++] = value; }
  [[nodiscard]] std::size_t size() const noexcept { return at_; }

 private:
  std::array<float, difficulty_count>& out_;
  std::size_t at_ = 0;
};

struct Words {
  std::size_t all = 0;
  std::size_t letters = 0;
  std::size_t long_ones = 0;
  std::size_t distinct = 0;
  std::size_t capitals = 0;
  std::size_t mixed = 0;
  std::size_t single = 0;
  std::size_t past = 0;
  std::size_t progressive = 0;
  std::size_t blanks = 0;
};

Words count_words(std::span<const Token> tokens) noexcept {
  Words out;
  std::bitset<4096> seen;
  for (const Token& token : tokens) {
    if (!token.is_word()) continue;
    if (token.text.starts_with("__")) {
      ++out.blanks;
      continue;
    }
    ++out.all;
    out.letters += std::min<std::size_t>(token.text.size(), 40);
    out.long_ones += token.text.size() >= 9 ? 1 : 0;
    out.capitals += token.upper && !token.line_start ? 1 : 0;
    const std::size_t slot = token.hash % seen.size();
    out.distinct += seen[slot] ? 0 : 1;
    seen[slot] = true;
    if (token.text.size() == 1 && token.text != "a" && token.text != "i") ++out.single;
    out.past += token.text.ends_with("ed") ? 1 : 0;
    out.progressive += token.text.ends_with("ing") ? 1 : 0;
    if (token.text.back() >= '0' && token.text.back() <= '9') ++out.mixed;
  }
  return out;
}

struct Marks {
  std::size_t all = 0;
  std::size_t percents = 0;
  std::size_t currency = 0;
  std::size_t operators = 0;
  std::size_t latex = 0;
  std::size_t questions = 0;
  std::size_t quotes = 0;
  std::size_t bars = 0;
  std::size_t brackets = 0;
  std::size_t sentences = 0;
  std::size_t last_sentence = 0;  // index of its first token
};

void count_mark(const Token& token, Marks& out) noexcept {
  ++out.all;
  switch (token.text.front()) {
    case '%': ++out.percents; break;
    case '$': ++out.currency; break;
    case '\\': ++out.latex; break;
    case '?': ++out.questions; break;
    case '"': ++out.quotes; break;
    case '|': ++out.bars; break;
    case '(':
    case '[': ++out.brackets; break;
    case '+':
    case '*':
    case '/':
    case '=':
    case '^':
    case '<':
    case '>': ++out.operators; break;
    case '\xe2':
      if (token.text.size() == 3 && (token.text[1] == '\x88' || token.text[1] == '\x89')) ++out.operators;
      if (token.text == "\xe2\x80\x9c") ++out.quotes;
      break;
    default: break;
  }
}

Marks count_marks(std::span<const Token> tokens) noexcept {
  Marks out;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].kind != Token::Kind::mark) continue;
    count_mark(tokens[i], out);
    const bool ends = tokens[i].is('.') || tokens[i].is('?') || tokens[i].is('!');
    if (!ends || (i + 1 < tokens.size() && !tokens[i + 1].spaced)) continue;
    ++out.sentences;
    if (i + 1 < tokens.size()) out.last_sentence = i + 1;
  }
  return out;
}

struct Numbers {
  std::size_t all = 0;
  std::size_t fractions = 0;
  double largest = 0;
};

Numbers count_numbers(std::span<const Token> tokens) noexcept {
  Numbers out;
  for (const Token& token : tokens) {
    if (!token.is_number()) continue;
    ++out.all;
    out.fractions += token.decimals > 0 ? 1 : 0;
    out.largest = std::max(out.largest, token.value);
  }
  return out;
}

void add_words(std::string_view text, const Question& question, const Words& words, const Marks& marks, Row& row) {
  const auto lines = static_cast<std::size_t>(
      std::ranges::count_if(question.tokens, [](const Token& token) { return token.line_start; }));
  row.add(log_of(text.size()));
  row.add(log_of(words.all));
  row.add(log_of(marks.sentences));
  row.add(log_of(lines));
  row.add(share_of(words.letters, words.all));
  row.add(share_of(words.long_ones, words.all));
  row.add(share_of(words.distinct, words.all));
  row.add(share_of(count_of(question.says, says_function), words.all));
  row.add(share_of(words.capitals, words.all));
  row.add(share_of(words.mixed, words.all));
  row.add(share_of(words.single, words.all));
  row.add(share_of(words.past, words.all));
  row.add(share_of(words.progressive, words.all));
  row.add(share_of(count_of(question.says, says_first_person), words.all));
  row.add(share_of(count_of(question.says, says_third_person), words.all));
}

void add_numbers_and_marks(const Question& question, const Words& words, const Marks& marks, Row& row) {
  const Numbers numbers = count_numbers(question.stem());
  row.add(log_of(numbers.all));
  row.add(share_of(numbers.fractions, numbers.all));
  row.add(static_cast<float>(std::log1p(numbers.largest)));
  row.add(log_of(count_of(question.says, says_number)));
  row.add(log_of(marks.percents));
  row.add(log_of(marks.currency));
  row.add(log_of(marks.operators));
  row.add(log_of(marks.latex));
  row.add(share_of(marks.all, question.stem_tokens));
  row.add(log_of(marks.questions));
  row.add(log_of(words.blanks));
  row.add(log_of(marks.quotes));
  row.add(log_of(marks.brackets));
  row.add(log_of(marks.bars));
  const std::size_t asking = question.stem_tokens - std::min(marks.last_sentence, question.stem_tokens);
  row.add(log_of(asking));
  const bool open = question.stem_tokens > 0 && question.stem().back().kind != Token::Kind::mark;
  row.add(open ? 1.0F : 0.0F);
}

// Which choices are numbers, how long they are, and whether one of them is "all of the above".
void add_choices(const Question& question, Row& row) {
  std::size_t shortest = 0;
  std::size_t longest = 0;
  std::size_t bytes = 0;
  std::size_t numeric = 0;
  std::size_t lists = 0;
  for (std::size_t i = 0; i < question.choices.count; ++i) {
    const std::string_view text = question.choices.texts[i];
    bytes += text.size();
    shortest = i == 0 ? text.size() : std::min(shortest, text.size());
    longest = std::max(longest, text.size());
    const std::size_t digit = text.find_first_of("0123456789");
    numeric += digit <= 2 ? 1 : 0;
    lists += text.find(',') != std::string_view::npos ? 1 : 0;
  }
  row.add(static_cast<float>(question.choices.count));
  row.add(question.choices.count == 0 ? 0 : log_of(bytes / question.choices.count));
  row.add(log_of(longest) - log_of(shortest));
  row.add(share_of(numeric, question.choices.count));
  row.add(share_of(lists, question.choices.count));
  const std::span<const Token> behind(question.tokens.data() + question.stem_tokens,
                                      question.tokens.size() - question.stem_tokens);
  row.add(log_of(count_of(count_says(behind), says_collective)));
  std::bitset<16384> asked;
  std::bitset<16384> seen;
  for (const Token& token : question.stem()) asked[token.key() % asked.size()] = true;
  std::size_t all = 0;
  std::size_t distinct = 0;
  std::size_t repeated = 0;
  for (const Token& token : behind) {
    if (token.kind == Token::Kind::mark || token.text.size() == 1) continue;
    const std::size_t slot = token.key() % seen.size();
    ++all;
    distinct += seen[slot] ? 0 : 1;
    repeated += asked[slot] ? 1 : 0;
    seen[slot] = true;
  }
  row.add(share_of(distinct, all));
  row.add(share_of(repeated, all));
}

void add_says(const Question& question, Row& row) {
  for (const Says what : {says_negation, says_condition, says_rate, says_time, says_measure, says_quantity, says_which,
                          says_why, says_who, says_maths, says_collective, says_alternation})
    row.add(log_of(count_of(question.says, what)));
}

void add_kind(const ChatView& request, const Question& question, Row& row) {
  SignCount signs;
  static const KeywordSet words(sign_words());
  for (const FoldedText::Part& part : question.folded.parts())
    words.find(part, [&](std::size_t index) {
      signs.add_word(index);
      return true;
    });
  const TextSigns found = signs.read(question.folded);
  std::size_t beyond = 0;
  std::size_t bytes = 0;
  for (const FoldedText::Part& part : question.folded.parts()) {
    bytes += part.text.size();
    if (!part.ascii)
      beyond += static_cast<std::size_t>(
          std::ranges::count_if(part.text, [](char c) { return static_cast<unsigned char>(c) >= 0x80; }));
  }
  row.add(found.code ? 1.0F : 0.0F);
  row.add(found.math ? 1.0F : 0.0F);
  row.add(share_of(beyond, bytes));
  row.add(log_of(static_cast<std::size_t>(std::max<std::int64_t>(request.turns, 0))));
  row.add(request.tools ? 1.0F : 0.0F);
  row.add(log_of(static_cast<std::size_t>(std::max<std::int64_t>(request.images, 0))));
}

}  // namespace

void read_difficulty(const ChatView& request, Difficulty& out) {
  const std::string_view text = request.text();
  const Question question(text);
  const Words words = count_words(question.stem());
  const Marks marks = count_marks(question.stem());
  Row row(out.dense);
  add_words(text, question, words, marks, row);
  add_numbers_and_marks(question, words, marks, row);
  add_choices(question, row);
  add_says(question, row);
  add_kind(request, question, row);
  read_ngrams(question.tokens, out.ngrams);
}

}  // namespace triage::features
