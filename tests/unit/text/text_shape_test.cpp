// Counts of tests/golden/tokens/o200k.json: true o200k tokens of texts written for it (docs/routing.md).
#include "text/text_shape.hpp"

#include "support/padded.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

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

// Each of 1,200 bytes of a language, or a kind of bytes that is no language. Twenty per cent for those that are known
// to be further off: docs/routing.md.
TEST(TokenEstimate, IsWithinFifteenPercentOfO200kForLanguagesAndKinds) {
  std::ifstream in(TRIAGE_SOURCE_DIR "/tests/golden/tokens/languages.json");
  std::map<std::string, Sums> classes;
  for (const auto& sample : nlohmann::json::parse(in)) {
    Sums& sums = classes[sample.at("class")];
    sums.truth += sample.at("tokens").get<double>();
    sums.estimate += static_cast<double>(tokens_of(sample.at("text").get<std::string>()));
  }
  ASSERT_GE(classes.size(), 70u);
  const std::set<std::string> far{"af", "da", "ga", "ro", "zh-Hant"};
  for (const auto& [name, sums] : classes)
    EXPECT_NEAR(sums.estimate / sums.truth, 1, far.contains(name) ? 0.2 : 0.15) << name;
}

struct Kind {
  std::string text;
  double tokens;
};
// Made at random; counted by js-tiktoken.
TEST(TokenEstimate, IsWithinFifteenPercentOfO200kForNumbersAndRandomLetters) {
  for (const Kind& each :
       {Kind{"CAAGTCTAGTTCCTTCGTTAACATGGGTAAGCGTCGTATGCACTCCTATAAGGTGCATCG\nTTAAAGTGATGCACATTTTACGGGGATGGAGAAGGACGGTAAA"
             "ATTGGCCTCTCGGGCTT\nTACTTAAGGTGAGTTTCCGATCAACTCAACACAATCTCTACTAGGGGATGCGAGAAATAT\nAGCGGTCGAAGCCGAGGAATGTTC"
             "CGCGTCGAAGATCAAACATGCGTTGCCGATATCGTT\nTAACCGGTTAAC",
             136},
        Kind{"hyzzwbhnhyqypqzhxwrfdxyogrcgvavhtpdfblbjvqswhusrmtblrehxugmprbhioypczjzpgvfybvduyupxrxulhejsxcixdjnnyuiku"
             "lqjnlrnkmjgqvfjxxcweohbajrajopfxnkiuntiogfrpfkalntojsntczuvxdsbixpwjhkictitpfisiqfoybgrjpacigtwqquybsrugj"
             "ebfyksrfpyrojmvgyxtxtbsrodldncwvcvlvrszxssukpqtqflevtzebreywnkidvdbylhqkltodyxxghdfmwowcxm",
             157},
        Kind{"468951681684539734, 913435184264241572, 812173691655726851, 726145426182591882, 291269814467166125, "
             "783288176593588845, 876913442526647788, 938959888226442178, 375716619438367456, 376491745859282834, "
             "912328657818366236, 887457153548453391, 698473993745226525, 459476322681296783, 576229633486314492, ",
             120},
        Kind{"0.103602, 0.599121, 0.954511, 0.470338, 0.371493, 0.286439, 0.688717, 0.176527, 0.468171, 0.559697, "
             "0.432693, 0.307699, 0.161543, 0.703320, 0.695027, 0.765690, 0.595893, 0.731119, 0.505576, 0.837350, "
             "0.478454, 0.615338, 0.018625, 0.368878, 0.454792, 0.598058, 0.310229, 0.373098, 0.665411, 0.266527, ",
             180},
        Kind{"302854\n694328\n944463\n378706\n954551\n74307\n915242\n582428\n329110\n824716\n320718\n420962\n369392\n47"
             "423\n911997\n426304\n301316\n78666\n642910\n825384\n999896\n251757\n679040\n91054\n236916\n286621\n691472"
             "\n767248\n929100\n679094\n555808\n12040\n613032\n45900\n51548\n420149\n934616\n526730\n294989\n961656\n39"
             "683\n164435\n301292\n207763\n",
             132},
        Kind{"𝑏𝑥𝑞𝑕𝑓 𝑦𝑜𝑑𝑞𝑗 𝑣𝑐𝑕𝑕𝑥 𝑦𝑛𝑘𝑒𝑟 "
             "𝑟𝑖𝑞𝑟𝑎 𝑐𝑛𝑜𝑓𝑞 𝑟𝑜𝑙𝑤𝑤 𝑒𝑛𝑛𝑑𝑥 "
             "𝑛𝑡𝑔𝑔𝑏 𝑔𝑏𝑙𝑤𝑦 𝑓𝑛𝑒𝑚𝑤 𝑙𝑙𝑑𝑙𝑣 "
             "𝑎𝑖𝑘𝑘𝑝 𝑚𝑟𝑝𝑠𝑖 𝑣𝑖𝑎𝑏𝑢 ",
             235},
        Kind{std::string(600, '7'), 200}, Kind{std::string(601, '0'), 201}})
    EXPECT_NEAR(static_cast<double>(tokens_of(each.text)) / each.tokens, 1, 0.15) << each.text;
}

TEST(TokenEstimate, OfOddTextsIsSane) {
  // One character a word, and a text in which every word is another script's: nothing is for nothing.
  for (const char* text : {"க ங ச ஞ ட ண த ந ப ம", "我 你 他 她 它 我 你 他 她 它", "ա բ գ դ ե զ է ը թ ժ",
                           "😀 😀 😀 😀 😀 😀 😀 😀 😀 😀", "ế ế ế ế ế ế ế ế ế ế", "か き く け こ さ し す せ そ"})
    EXPECT_GE(tokens_of(text), 5) << text;
  EXPECT_GE(tokens_of(std::string(1000, 'k')), 1);
  EXPECT_GE(tokens_of("\xe1"), 1);
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
  std::size_t digits = 0;
  for (std::size_t at = 0; at < text.size(); at += 64) {
    const std::string_view block = text.substr(at, 64);
    const auto letters = static_cast<std::uint64_t>(
        std::count_if(block.begin(), block.end(), [&](char c) { return letter(static_cast<unsigned char>(c)); }));
    out.letters_dense += letters >= 60 ? letters : 0;
  }
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
    digits = is(i, digit) ? digits + 1 : 0;
    out.digit_groups += digits % 3 == 1;
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
  constexpr std::string_view alphabets[] = {"aaabcdeXYZ019  \n\t..,({é", "012345678901234567890123456789 a",
                                            "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnop 1"};
  for (int round = 0; round < 900; ++round) {
    const std::string_view alphabet = alphabets[round % 3];
    std::string text(random(300), ' ');
    for (char& c : text) c = alphabet[random(alphabet.size())];
    if (text.starts_with("  ")) text[0] = 'a';  // a text starts as if behind a blank
    if (text.starts_with(" ")) text[0] = 'a';
    const TextShape fast = shape_of(text);
    const TextShape slow = slow_shape(text);
    for (const auto member :
         {&TextShape::bytes, &TextShape::letters, &TextShape::words, &TextShape::words_tied, &TextShape::letters_5,
          &TextShape::letters_9, &TextShape::letters_dense, &TextShape::humps, &TextShape::capitals, &TextShape::digits,
          &TextShape::numbers, &TextShape::numbers_spaced, &TextShape::digit_groups, &TextShape::marks,
          &TextShape::mark_runs, &TextShape::marks_repeated, &TextShape::indents, &TextShape::line_breaks})
      ASSERT_EQ(fast.*member, slow.*member) << text;
  }
}

struct Block {
  Letters letters;
  const char* text;
};
TEST(TextShape, KnowsTheBlocksOfLetters) {
  for (const Block& each :
       {Block{Letters::latin, "éß"},        Block{Letters::latin_more, "łğ"}, Block{Letters::vietnamese, "ếự"},
        Block{Letters::greek, "Ωἀ"},        Block{Letters::cyrillic, "Яё"},   Block{Letters::cyrillic_more, "їқ"},
        Block{Letters::armenian, "Աև"},     Block{Letters::hebrew, "את"},     Block{Letters::arabic, "بک"},
        Block{Letters::devanagari, "हो"},   Block{Letters::bengali, "বা"},    Block{Letters::gurmukhi, "ਪਾ"},
        Block{Letters::gujarati, "ગુ"},      Block{Letters::oriya, "ଓଡ"},      Block{Letters::tamil, "தம"},
        Block{Letters::telugu, "తె"},        Block{Letters::kannada, "ಕನ"},    Block{Letters::malayalam, "മല"},
        Block{Letters::sinhala, "සි"},       Block{Letters::thai, "ไท"},       Block{Letters::lao, "ລາ"},
        Block{Letters::tibetan, "བོ"},       Block{Letters::burmese, "မြ"},    Block{Letters::georgian, "ქა"},
        Block{Letters::ethiopic, "አማ"},     Block{Letters::khmer, "ខ្"},       Block{Letters::kana, "かカ"},
        Block{Letters::han, "漢字"},        Block{Letters::hangul, "한글"},   Block{Letters::wide_marks, "。，"},
        Block{Letters::symbols, "—°"},      Block{Letters::emoji, "😀🎉"},      Block{Letters::beyond, "𠀀𐌰"},
        Block{Letters::mathematical, "𝐀𝑥"}, Block{Letters::other, "ꓐꓑ"}}) {
    const TextShape shape = shape_of(std::string(each.text) + " a" + each.text);
    EXPECT_EQ(shape.of(each.letters), 4U) << each.text;
    EXPECT_EQ(shape.starts_beyond_ascii[static_cast<std::size_t>(each.letters)], 1U) << each.text;
    std::uint64_t all = 0;
    for (const std::uint64_t count : shape.beyond_ascii) all += count;
    EXPECT_EQ(all, 4U) << each.text;
  }
}

TEST(TextShape, CountsJKAndZInOneBlockOfEightUnlessThereAreMany) {
  const std::string few = "the quick one " + std::string(1000, 'e');
  EXPECT_LT(shape_of(few).sampled, few.size() / 4);
  std::string many;
  while (many.size() < 960) many += "juz KAZdy ";
  EXPECT_EQ(shape_of(many).sampled, 960U);
  EXPECT_EQ(shape_of(many).sampled_jkz, 4U * 96);
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
