#include "features/answer.hpp"

#include "base/ascii.hpp"
#include "base/text.hpp"
#include "features/arithmetic.hpp"
#include "features/final_answer.hpp"
#include "features/question.hpp"

#include <algorithm>
#include <bitset>
#include <cmath>

namespace triage::features {
namespace {

constexpr std::size_t answer_bytes = 16 * 1024;
constexpr std::size_t second_bytes = 8 * 1024;
constexpr std::size_t numbers_most = 256;
constexpr std::size_t sought_most = 64;  // numbers that are looked for among others

// Appends numbers in the order of answer_table().
class Row {
 public:
  explicit Row(std::array<float, answer_count>& out) : out_(out) {}
  void add(float value) noexcept { out_[at_++] = value; }
  void flag(bool value) noexcept { add(value ? 1.0F : 0.0F); }

 private:
  std::array<float, answer_count>& out_;
  std::size_t at_ = 0;
};

// An answer, read once.
struct Read {
  Read(const AnswerText& answer, const Question& question)
      : text(trimmed(answer.text)),
        folded(text, answer_bytes),
        tokens(tokens_of(folded)),
        says(count_says(tokens)),
        arithmetic(read_arithmetic(tokens)),
        final(final_answer(tokens, question.choices.count > 0)) {
    for (const Token& token : tokens) words += token.is_word() ? 1 : 0;
  }
  std::string_view text;
  FoldedText folded;
  std::vector<Token> tokens;
  SaysCount says;
  Arithmetic arithmetic;
  FinalAnswer final;
  std::size_t words = 0;
};

std::vector<double> numbers_of(std::span<const Token> tokens) {
  std::vector<double> out;
  for (const Token& token : tokens)
    if (token.is_number() && out.size() < numbers_most) out.push_back(token.value);
  return out;
}

bool among(const std::vector<double>& numbers, double value) noexcept {
  return std::ranges::any_of(numbers, [&](double number) { return same_number(number, value); });
}

std::size_t count_lines(std::span<const Token> tokens) noexcept {
  return static_cast<std::size_t>(std::ranges::count_if(tokens, [](const Token& token) { return token.line_start; }));
}

// The text stops where no sentence, number or bracket ends.
bool ends_open(std::string_view text) noexcept {
  if (text.empty()) return true;
  const char last = text.back();
  return std::string_view(".!?)]}\"'`*$|>:").find(last) == std::string_view::npos && !is_digit(last) &&
         static_cast<unsigned char>(last) < 0x80;
}

// How many of the runs of six words occurred before.
float repeated_share(std::span<const Token> tokens) noexcept {
  constexpr std::size_t run = 6;
  std::bitset<32768> seen;
  std::array<std::uint64_t, run> last{};
  std::size_t words = 0;
  std::size_t repeated = 0;
  for (const Token& token : tokens) {
    if (token.kind == Token::Kind::mark) continue;
    last[words++ % run] = token.key();
    if (words < run) continue;
    std::uint64_t hash = 0;
    for (std::size_t i = 0; i < run; ++i) hash = joined(hash, last[(words + i) % run]);
    repeated += seen[hash % seen.size()] ? 1 : 0;
    seen[hash % seen.size()] = true;
  }
  return words < run ? 0 : share_of(repeated, words - run + 1);
}

// How many of the answer's distinct words the question has.
float overlap_share(std::span<const Token> answer, std::span<const Token> question) noexcept {
  std::bitset<16384> asked;
  std::bitset<16384> seen;
  for (const Token& token : question)
    if (token.is_word()) asked[token.hash % asked.size()] = true;
  std::size_t both = 0;
  std::size_t all = 0;
  for (const Token& token : answer) {
    if (!token.is_word() || seen[token.hash % seen.size()]) continue;
    seen[token.hash % seen.size()] = true;
    ++all;
    both += asked[token.hash % asked.size()] ? 1 : 0;
  }
  return share_of(both, all);
}

void add_form(const AnswerText& answer, const Read& read, const Question& question, Row& row) {
  const std::size_t asked = static_cast<std::size_t>(
      std::ranges::count_if(question.tokens, [](const Token& token) { return token.is_word(); }));
  row.add(log_of(read.text.size()));
  row.add(log_of(read.words));
  row.add(log_of(count_lines(read.tokens)));
  row.add(log_of(read.words) - log_of(asked));
  row.flag(answer.finish_reason == "length" || answer.finish_reason == "max_tokens");
  row.flag(ends_open(read.text));
  row.flag(read.text.starts_with('{') || read.text.starts_with('['));
  row.add(repeated_share(read.tokens));
  row.add(overlap_share(read.tokens, question.tokens));
  for (const Says what : {says_hedge, says_refusal, says_negation, says_order, says_conclusion})
    row.add(log_of(count_of(read.says, what)));
}

// Signed, so that the order of numbers is kept.
float magnitude(double value) noexcept {
  const double out = std::log1p(std::abs(value));
  return static_cast<float>(value < 0 ? -out : out);
}

void add_final(const Read& read, const std::vector<double>& asked, Row& row) {
  const FinalAnswer& final = read.final;
  const bool number = final.kind == FinalAnswer::Kind::number;
  row.add(static_cast<float>(final.marker));
  row.add(static_cast<float>(final.kind));
  row.add(log_of(read.tokens.size() - std::min(final.token + 1, read.tokens.size())));
  row.add(number ? magnitude(final.number) : 0);
  row.add(number ? static_cast<float>(final.decimals) : 0);
  row.flag(number && among(asked, final.number));
  const auto& results = read.arithmetic.results;
  const bool last = !results.empty() && number && same_number(results.back(), std::abs(final.number));
  const bool any = number && among(results, std::abs(final.number));
  row.add(results.empty() || !number ? 0 : last ? 1.0F : any ? 0.5F : -1.0F);
  std::size_t mentions = 0;
  for (std::size_t i = 0; number && i < final.begin; ++i)
    mentions += read.tokens[i].is_number() && same_number(read.tokens[i].value, std::abs(final.number)) ? 1 : 0;
  row.add(log_of(mentions));
  const double largest = asked.empty() ? 0 : *std::ranges::max_element(asked);
  row.add(number ? magnitude(final.number) - magnitude(largest) : 0);
}

void add_arithmetic(const Read& read, const Question& question, const std::vector<double>& asked, Row& row) {
  const Arithmetic& found = read.arithmetic;
  const std::vector<double> given = numbers_of(read.tokens);
  row.add(log_of(given.size()));
  row.add(log_of(found.statements));
  row.add(log_of(found.wrong));
  row.add(share_of(found.scaled, found.statements));
  row.add(log_of(found.fractional));
  row.add(log_of(count_of(question.says, says_number)));
  std::size_t used = 0;
  std::size_t sought = 0;
  for (const double number : asked) {
    if (++sought > sought_most) break;
    used += among(given, number) ? 1 : 0;
  }
  sought = std::min(sought, sought_most);
  row.add(sought == 0 ? 1.0F : share_of(used, sought));
  row.add(log_of(sought - used));
  std::size_t unexplained = 0;
  sought = 0;
  for (const double number : given) {
    if (++sought > sought_most) break;
    unexplained += number > 2 && !among(asked, number) && !among(found.results, number) ? 1 : 0;
  }
  row.add(share_of(unexplained, std::min(sought, sought_most)));
  std::size_t unused = 0;
  for (std::size_t i = 0; i < std::min(found.results.size(), sought_most); ++i) {
    const double result = std::abs(found.results[i]);
    const auto times = std::ranges::count_if(given, [&](double number) { return same_number(number, result); });
    unused += times < 2 ? 1 : 0;
  }
  row.add(share_of(unused, std::min(found.results.size(), sought_most)));
}

// How many of the words and numbers of a choice the answer has.
float support(std::string_view choice, const std::bitset<16384>& said) {
  const FoldedText folded(choice, 1024);
  std::size_t all = 0;
  std::size_t both = 0;
  for (const Token& token : tokens_of(folded)) {
    if (token.kind == Token::Kind::mark) continue;
    ++all;
    both += said[token.key() % said.size()] ? 1 : 0;
  }
  return share_of(both, all);
}

void add_choice(const Read& read, const Question& question, Row& row) {
  const Choices& choices = question.choices;
  const std::size_t chosen =
      read.final.kind == FinalAnswer::Kind::letter ? static_cast<std::size_t>(read.final.letter - 'A') : Choices::most;
  std::bitset<16384> said;
  std::bitset<Choices::most> named;
  for (std::size_t i = 0; i < read.final.begin; ++i) {
    const Token& token = read.tokens[i];
    if (token.kind == Token::Kind::mark) continue;
    said[token.key() % said.size()] = true;
    const bool enclosed =
        i > 0 && read.tokens[i - 1].is('(') && i + 1 < read.tokens.size() && read.tokens[i + 1].is(')');
    if (enclosed && token.text.size() == 1 && token.text.front() >= 'a' && token.text.front() <= 'p')
      named[static_cast<std::size_t>(token.text.front() - 'a')] = true;
  }
  float mine = 0;
  float best = 0;
  float sum = 0;
  for (std::size_t i = 0; i < choices.count; ++i) {
    const float share = support(choices.texts[i], said);
    sum += share;
    if (i == chosen)
      mine = share;
    else
      best = std::max(best, share);
  }
  row.add(static_cast<float>(choices.count));
  row.add(chosen < choices.count ? static_cast<float>(chosen + 1) : 0);
  row.flag(choices.count > 0 && chosen >= choices.count);
  row.add(log_of(named.count()));
  row.add(mine);
  row.add(mine - best);
  row.add(choices.count == 0 ? 0 : sum / static_cast<float>(choices.count));
}

void add_question(const Question& question, const std::vector<double>& asked, Row& row) {
  const auto sentences = std::ranges::count_if(
      question.stem(), [](const Token& token) { return token.is('.') || token.is('?') || token.is('!'); });
  row.add(log_of(question.stem_tokens));
  row.add(log_of(static_cast<std::size_t>(sentences)));
  row.add(log_of(asked.size()));
  const auto fractions = std::ranges::count_if(question.stem(), [](const Token& token) { return token.decimals > 0; });
  row.add(log_of(static_cast<std::size_t>(fractions)));
  const auto percents = std::ranges::count_if(question.stem(), [](const Token& token) { return token.is('%'); });
  row.add(log_of(static_cast<std::size_t>(percents)));
  const auto latex = std::ranges::count_if(question.stem(), [](const Token& token) { return token.is('\\'); });
  row.add(log_of(static_cast<std::size_t>(latex)));
  for (const Says what : {says_quantity, says_rate, says_condition, says_time, says_maths, says_negation})
    row.add(log_of(count_of(question.says, what)));
}

// 1: both come to the same; 0: they do not; 0.5: it cannot be told.
float agreement(const FinalAnswer& one, const FinalAnswer& other) noexcept {
  if (one.kind == FinalAnswer::Kind::none || one.kind != other.kind) return 0.5F;
  if (one.kind == FinalAnswer::Kind::letter) return one.letter == other.letter ? 1.0F : 0.0F;
  return same_number(one.number, other.number) ? 1.0F : 0.0F;
}

void add_second(const AnswerText& answer, const Read& read, const Question& question, Row& row) {
  if (!answer.second) {
    row.add(-1);
    row.add(0);
    return;
  }
  const FoldedText folded(*answer.second, second_bytes);
  const std::vector<Token> tokens = tokens_of(folded);
  row.add(agreement(read.final, final_answer(tokens, question.choices.count > 0)));
  row.add(log_of(answer.second->size()) - log_of(read.text.size()));
}

}  // namespace

void read_answer_features(const ChatView& request, const AnswerText& answer, Answer& out) {
  const Question question(request.text());
  const Read read(answer, question);
  const std::vector<double> asked = numbers_of(question.stem());
  Row row(out.dense);
  add_form(answer, read, question, row);
  add_final(read, asked, row);
  add_arithmetic(read, question, asked, row);
  add_choice(read, question, row);
  add_question(question, asked, row);
  add_second(answer, read, question, row);
}

}  // namespace triage::features
