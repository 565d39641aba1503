// Counts of tests/golden/tokens/o200k.json: true o200k tokens of texts written for it (docs/routing.md).
#include "text/text_shape.hpp"

#include "support/padded.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

namespace triage {
namespace {

std::int64_t tokens_of(std::string_view text) {
  TextShape shape;
  count_text(text, shape);
  return estimate_tokens(shape);
}

TextShape shape_of(std::string_view text) {
  TextShape shape;
  count_text(text, shape);
  return shape;
}

struct Sums {
  double truth = 0;
  double estimate = 0;
  double worst = 0;
  std::string worst_text;
};

TEST(TokenEstimate, IsWithinFifteenPercentOfO200kForEachClassOfText) {
  std::ifstream in(TRIAGE_SOURCE_DIR "/tests/golden/tokens/o200k.json");
  const auto samples = nlohmann::json::parse(in);
  ASSERT_GE(samples.size(), 30u);
  std::map<std::string, Sums> classes;
  for (const auto& sample : samples) {
    const std::string text = sample.at("text");
    const double truth = sample.at("tokens");
    const auto estimate = static_cast<double>(tokens_of(text));
    Sums& sums = classes[sample.at("class")];
    sums.truth += truth;
    sums.estimate += estimate;
    const double off = estimate / truth - 1;
    if (std::abs(off) >= std::abs(sums.worst)) sums.worst = off, sums.worst_text = text.substr(0, 40);
    if (truth >= 10) {
      EXPECT_LT(std::abs(off), 0.4) << text;
    }
  }
  for (const auto& [name, sums] : classes) {
    EXPECT_NEAR(sums.estimate / sums.truth, 1, 0.15) << name;
    RecordProperty(name + "_off", std::to_string(sums.estimate / sums.truth - 1));
    std::cout << name << ": " << sums.estimate << " for " << sums.truth << " tokens; worst "
              << std::lround(100 * sums.worst) << " % in \"" << sums.worst_text << "\"\n";
  }
}

TEST(TokenEstimate, OfNothingIsNothing) {
  EXPECT_EQ(tokens_of(""), 0);
  EXPECT_GE(tokens_of("a"), 1);
  EXPECT_GE(tokens_of("\n"), 1);
}

// A byte by byte count, to compare the masks with.
TextShape slow_shape(std::string_view text) {
  TextShape out;
  out.bytes = text.size();
  const auto is = [&](std::size_t i, auto test) {
    return i < text.size() && test(static_cast<unsigned char>(text[i]));
  };
  const auto letter = [](unsigned char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; };
  const auto capital = [](unsigned char c) { return c >= 'A' && c <= 'Z'; };
  const auto digit = [](unsigned char c) { return c >= '0' && c <= '9'; };
  const auto line = [](unsigned char c) { return c == '\n' || c == '\r' || c == '\t'; };
  const auto word = [&](unsigned char c) { return letter(c) || c >= 0x80; };
  const auto mark = [&](unsigned char c) { return !word(c) && !digit(c) && !line(c) && c != ' '; };
  std::size_t run = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t before = i - 1;
    const bool first = i == 0;
    run = is(i, letter) ? run + 1 : 0;
    out.letters += is(i, letter);
    out.letters_5 += run >= 5;
    out.letters_9 += run >= 9;
    if (is(i, word) && (first || !is(before, word))) {
      ++out.words;
      out.words_tied += !first && text[before] != ' ' && !is(before, line);
    }
    if (is(i, capital) && !first) {
      out.humps += is(before, letter) && !is(before, capital);
      out.capitals += is(before, capital);
    }
    out.digits += is(i, digit);
    if (is(i, digit) && (first || !is(before, digit))) {
      ++out.numbers;
      out.numbers_spaced += first || text[before] == ' ';
    }
    out.marks += is(i, mark);
    out.mark_runs += is(i, mark) && (first || !is(before, mark));
    out.marks_repeated += is(i, mark) && !first && text[before] == text[i];
    out.indents += i >= 1 && text[i] == ' ' && text[i - 1] == ' ' && (i == 1 || text[i - 2] != ' ');
    out.line_breaks += is(i, line) && (first || !is(before, line));
  }
  return out;
}

TEST(TextShape, IsWhatAByteByByteCountFinds) {
  std::uint64_t state = 42;
  const auto random = [&state](std::uint64_t below) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return (state >> 33) % below;
  };
  constexpr std::string_view alphabet = "aaabcdeXYZ019  \n\t..,({é";
  for (int round = 0; round < 500; ++round) {
    std::string text(random(300), ' ');
    for (char& c : text) c = alphabet[random(alphabet.size())];
    if (text.starts_with("  ")) text[0] = 'a';  // a text starts as if behind a blank
    if (text.starts_with(" ")) text[0] = 'a';
    const TextShape fast = shape_of(text);
    const TextShape slow = slow_shape(text);
    for (const auto member :
         {&TextShape::bytes, &TextShape::letters, &TextShape::words, &TextShape::words_tied, &TextShape::letters_5,
          &TextShape::letters_9, &TextShape::humps, &TextShape::capitals, &TextShape::digits, &TextShape::numbers,
          &TextShape::numbers_spaced, &TextShape::marks, &TextShape::mark_runs, &TextShape::marks_repeated,
          &TextShape::indents, &TextShape::line_breaks})
      ASSERT_EQ(fast.*member, slow.*member) << text;
  }
}

TEST(Script, IsThatOfMostLetters) {
  const std::pair<const char*, Script> cases[] = {{"", Script::none},
                                                  {"12 + 3 = ?", Script::none},
                                                  {"Good morning", Script::latin},
                                                  {"Où est la gare ?", Script::latin},
                                                  {"Доброе утро, Anna", Script::cyrillic},
                                                  {"Καλημέρα", Script::greek},
                                                  {"בוקר טוב", Script::hebrew},
                                                  {"صباح الخير", Script::arabic},
                                                  {"शुभ प्रभात", Script::devanagari},
                                                  {"สวัสดีตอนเช้า", Script::thai},
                                                  {"おはようございます", Script::kana},
                                                  {"今日の天気は？", Script::kana},
                                                  {"早上好，今天天气怎么样？", Script::cjk},
                                                  {"좋은 아침입니다", Script::hangul},
                                                  {"Բարի լույս", Script::other}};
  for (const auto& [text, script] : cases) {
    EXPECT_EQ(script_of(test::Padded(text, 'a').view()), script) << text;
    std::string many;
    for (int i = 0; i < 9; ++i) many.append(static_cast<std::size_t>(7 * i), '.').append(text);
    EXPECT_EQ(script_of(test::Padded(many, 'a').view()), script) << many;
  }
}

}  // namespace
}  // namespace triage
