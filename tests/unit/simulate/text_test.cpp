// Tokens, schemas and arithmetic: the pure parts.

#include "simulate/difficulty.hpp"
#include "simulate/schema.hpp"
#include "simulate/tokens.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <random>

namespace triage::simulate {
namespace {

std::vector<std::string> pieces(std::string_view text) {
  std::vector<std::uint32_t> ends;
  split_tokens(text, 0, ends);
  std::vector<std::string> out;
  std::size_t begin = 0;
  for (const std::uint32_t end : ends) {
    out.emplace_back(text.substr(begin, end - begin));
    begin = end;
  }
  return out;
}

using Pieces = std::vector<std::string>;

TEST(Tokens, FollowTheRules) {
  EXPECT_EQ(pieces(""), Pieces{});
  EXPECT_EQ(pieces("Hello, world!"), (Pieces{"Hello", ",", " world", "!"}));
  EXPECT_EQ(pieces("internationalization"), (Pieces{"internat", "ionali", "zation"}));
  EXPECT_EQ(pieces("1234567"), (Pieces{"123", "456", "7"}));
  EXPECT_EQ(pieces("a  b"), (Pieces{"a", " ", " b"}));
  EXPECT_EQ(pieces("a\n    b"), (Pieces{"a", "\n   ", " b"}));
  EXPECT_EQ(pieces("======"), (Pieces{"===", "==="}));
  EXPECT_EQ(pieces("日本語"), (Pieces{"日", "本", "語"}));
  EXPECT_EQ(pieces("привет"), (Pieces{"пр", "ив", "ет"}));
  EXPECT_EQ(pieces("😀!"), (Pieces{"😀", "!"}));
  EXPECT_EQ(pieces(" "), (Pieces{" "}));
}

TEST(Tokens, EnglishIsAboutFourBytesEach) {
  const std::string text =
      "The quick brown fox jumps over the lazy dog. It was a bright cold day in April, and the clocks were striking "
      "thirteen. Everyone who has ever worked with language models knows that tokens are shorter than words.";
  const double ratio = static_cast<double>(text.size()) / static_cast<double>(count_tokens(text));
  EXPECT_GT(ratio, 3.8);
  EXPECT_LT(ratio, 5.2);
}

TEST(Tokens, PiecesJoinToTheTextWhateverItIs) {
  std::mt19937 random(1);
  const std::string alphabet = "ab 12.,=\n\t\xC3\xA9\xE6\x97\xA5\xF0\x9F\x98\x80\x80";
  for (int i = 0; i < 2000; ++i) {
    std::string text;
    for (std::size_t n = random() % 40; n > 0; --n) text += alphabet[random() % alphabet.size()];
    std::string joined;
    for (const std::string& piece : pieces(text)) {
      EXPECT_FALSE(piece.empty());
      joined += piece;
    }
    EXPECT_EQ(joined, text);
    EXPECT_EQ(pieces(text).size(), count_tokens(text));
  }
}

nlohmann::json satisfy(const std::string& schema, const std::string& answer = {}) {
  return nlohmann::json::parse(satisfy_schema(schema, answer));
}

TEST(Schema, WritesTheSmallestValue) {
  EXPECT_EQ(
      satisfy(
          R"({"type":"object","properties":{"city":{"type":"string"},"n":{"type":"integer"}},"required":["city"]})"),
      nlohmann::json::parse(R"({"city":"text"})"));
  EXPECT_EQ(satisfy(R"({"enum":["a","b"]})"), "a");
  EXPECT_EQ(satisfy(R"({"const":{"x":1}})"), nlohmann::json::parse(R"({"x":1})"));
  EXPECT_EQ(satisfy(R"({"type":["null","string"]})"), nullptr);
  EXPECT_EQ(satisfy(R"({"type":"array","items":{"type":"boolean"},"minItems":2})"),
            nlohmann::json::parse("[true,true]"));
  EXPECT_EQ(satisfy(R"({"type":"array"})"), nlohmann::json::array());
  EXPECT_EQ(satisfy(R"({"anyOf":[{"type":"number","minimum":3.5},{"type":"string"}]})"), 3.5);
  EXPECT_EQ(satisfy(R"({"type":"string","format":"date"})"), "2025-01-01");
  EXPECT_EQ(satisfy(R"({"type":"string","minLength":6})"), "textxx");
  EXPECT_EQ(satisfy(R"({"type":"string","maxLength":2})"), "xx");
  EXPECT_EQ(satisfy("{}"), nlohmann::json::object());
}

TEST(Schema, NumbersStayInTheirBounds) {
  EXPECT_EQ(satisfy(R"({"type":"integer","minimum":5})"), 5);
  EXPECT_EQ(satisfy(R"({"type":"integer","exclusiveMinimum":5})"), 6);
  EXPECT_EQ(satisfy(R"({"type":"integer","maximum":-3})"), -3);
  EXPECT_EQ(satisfy(R"({"type":"integer","minimum":5,"multipleOf":4})"), 8);
  EXPECT_EQ(satisfy(R"({"type":"integer","minimum":2.5})"), 3);
  const double inside = satisfy(R"({"type":"number","exclusiveMinimum":0,"exclusiveMaximum":1})");
  EXPECT_GT(inside, 0);
  EXPECT_LT(inside, 1);
}

TEST(Schema, FollowsReferencesAndJoinsAllOf) {
  EXPECT_EQ(satisfy(R"({"$ref":"#/$defs/p","$defs":{"p":{"type":"object","required":["x"],
                        "properties":{"x":{"$ref":"#/$defs/n"}}},"n":{"type":"integer","minimum":7}}})"),
            nlohmann::json::parse(R"({"x":7})"));
  EXPECT_EQ(satisfy(R"({"allOf":[{"required":["a"],"properties":{"a":{"type":"boolean"}}},
                        {"required":["b"],"properties":{"b":{"type":"null"}}}]})"),
            nlohmann::json::parse(R"({"a":true,"b":null})"));
}

TEST(Schema, EndsWhateverItRefersTo) {
  const std::string loop = R"({"type":"object","required":["a","b"],"properties":{"a":{"$ref":"#"},"b":{"$ref":"#"}}})";
  EXPECT_TRUE(satisfy(loop).is_object());
  EXPECT_LT(satisfy_schema(loop, {}).size(), std::size_t{4} << 20);
  EXPECT_TRUE(satisfy(R"({"$ref":"#"})").is_object());
  EXPECT_TRUE(satisfy(R"({"allOf":[{"$ref":"#"},{"$ref":"#"}]})").is_object());
  EXPECT_EQ(satisfy_schema("not JSON", {}), "{}");
}

TEST(Schema, PutsTheAnswerWhereItBelongs) {
  const std::string schema = R"({"type":"object","required":["answer","why"],
    "properties":{"answer":{"type":"integer"},"why":{"type":"string"}}})";
  EXPECT_EQ(satisfy(schema, "84"), nlohmann::json::parse(R"({"answer":84,"why":"text"})"));
  EXPECT_EQ(
      satisfy(R"({"type":"object","required":["result"],"properties":{"result":{"type":"string"}}})", "84")["result"],
      "84");
}

TEST(Arithmetic, IsFoundAndWorkedOut) {
  const auto value = [](std::string_view text) { return find_arithmetic(text)->value; };
  EXPECT_EQ(value("What is 12*7?"), 84);
  EXPECT_EQ(value("2 + 3 * 4 - 6 / 2"), 11);
  EXPECT_EQ(value("12 × 7"), 84);
  EXPECT_EQ(value("say 12 x 7 please"), 84);
  EXPECT_EQ(value("Model 4o: 3-10"), -7);
  EXPECT_EQ(value("7/2 or 8/2"), 4);
  EXPECT_EQ(find_arithmetic("12 * 7 is what")->expression, "12 * 7");
}

TEST(Arithmetic, IsNotFoundWhereThereIsNone) {
  for (const std::string_view text : {"", "hello", "42", "12 +", "1/0", "7/2", "9223372036854775807+1",
                                      "99999999999999999999*2", "a1+b2", "12 and 7"})
    EXPECT_FALSE(find_arithmetic(text).has_value()) << text;
}

TEST(Difficulty, FollowsTheMarkerThenTheRule) {
  const auto of = [](std::string_view text) { return judge_difficulty(text, find_arithmetic(text)); };
  EXPECT_EQ(of("difficulty: hard. What is 1+1?"), Difficulty::hard);
  EXPECT_EQ(of("note: x [Difficulty:  Medium]"), Difficulty::medium);
  EXPECT_EQ(of("difficulty: easy, prove this theorem"), Difficulty::easy);
  EXPECT_EQ(of("difficulty: unknown"), Difficulty::easy);
  EXPECT_EQ(of("What is 12*7?"), Difficulty::easy);
  EXPECT_EQ(of("What is 123*456?"), Difficulty::medium);
  EXPECT_EQ(of("What is 12345*6789?"), Difficulty::hard);
  EXPECT_EQ(of("Prove that it is so"), Difficulty::hard);
  EXPECT_EQ(of(std::string(600, 'a')), Difficulty::medium);
  EXPECT_EQ(of(std::string(3000, 'a')), Difficulty::hard);
  EXPECT_EQ(of("hello"), Difficulty::easy);
}

}  // namespace
}  // namespace triage::simulate
