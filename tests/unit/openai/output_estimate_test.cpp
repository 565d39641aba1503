#include "answer/output_estimate.hpp"

#include "openai/answer_reader.hpp"
#include "support/padded.hpp"
#include "text/utf8.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>

namespace triage {
namespace {

using test::Padded;

std::int64_t tokens_of(std::string_view text) {
  TextShape shape;
  count_text(text, shape);
  return estimate_tokens(shape);
}

AnswerPiece piece_of(std::string_view text, std::uint32_t choice = 0) {
  return {AnswerPiece::Kind::text, choice, 0, {text, false}};
}

/// Of a delta or message.
std::int64_t estimate(const std::string& json) {
  OutputEstimate out;
  const Padded padded(R"({"choices":[{"delta":)" + json + "}]}");
  AnswerEvent event;
  EXPECT_TRUE(read_answer(padded.view(), AnswerForm::chunk, event)) << json;
  for (const AnswerPiece& piece : event.pieces) out.add(piece);
  return out.tokens();
}

std::vector<std::string> samples() {
  std::ifstream in(TRIAGE_SOURCE_DIR "/tests/golden/tokens/o200k.json");
  std::vector<std::string> out;
  for (const auto& sample : nlohmann::json::parse(in)) out.push_back(sample.at("text"));
  return out;
}

std::string all_samples() {
  std::string out;
  for (const std::string& sample : samples()) out += sample + "\n";
  return out;
}

TEST(OutputEstimate, OfPiecesIsThatOfTheWholeWhereverTheyEnd) {
  const std::string text = all_samples();
  const auto whole = static_cast<double>(tokens_of(text));
  std::mt19937 random(5);
  for (const int longest : {1, 4, 30, 3'000}) {
    OutputEstimate estimate;
    for (std::size_t at = 0; at < text.size();) {
      const auto length = std::uniform_int_distribution<std::size_t>(1, static_cast<std::size_t>(longest))(random);
      const std::string_view piece = utf8_prefix(std::string_view(text).substr(at), length + 3);
      estimate.add(piece_of(piece));
      at += piece.size();
    }
    EXPECT_NEAR(static_cast<double>(estimate.tokens()) / whole, 1, 0.01) << longest;
  }
}

TEST(OutputEstimate, MayBeAskedAtAnyTime) {
  OutputEstimate estimate;
  EXPECT_EQ(estimate.tokens(), 0);
  estimate.add(piece_of(""));
  EXPECT_EQ(estimate.tokens(), 0);
  std::int64_t before = 0;
  for (const char* piece : {"It", " is", " rain", "ing"}) {
    estimate.add(piece_of(piece));
    EXPECT_GE(estimate.tokens(), before);
    before = estimate.tokens();
  }
  EXPECT_EQ(before, tokens_of("It is raining"));
}

TEST(OutputEstimate, OfSeveralChoicesIsTheirSum) {
  OutputEstimate estimate;
  estimate.add(piece_of("one two three"));
  estimate.add(piece_of("one two three", 1));
  estimate.add(piece_of("four", 1));
  EXPECT_EQ(estimate.tokens(), tokens_of("one two three") + tokens_of("one two threefour"));
}

TEST(OutputEstimate, ReadsWhatAModelWrote) {
  const std::int64_t words = tokens_of("Thinking aloud.");
  EXPECT_EQ(estimate(R"({"role":"assistant","content":"Thinking aloud."})"), words);
  EXPECT_EQ(estimate(R"({"content":null,"refusal":"Thinking aloud."})"), words);
  EXPECT_EQ(estimate(R"({"reasoning_content":"Thinking aloud."})"), words);
  EXPECT_EQ(estimate(R"({"reasoning":"Thinking aloud.","reasoning_content":"Thinking aloud."})"), words);
  EXPECT_EQ(estimate(R"({"reasoning":null,"reasoning_content":"Thinking aloud."})"), words);
  EXPECT_EQ(estimate(R"({"content":[{"type":"text","text":"Thinking aloud."}]})"), words);
  EXPECT_EQ(estimate(R"({"content":[{"type":"thinking","thinking":[{"type":"text","text":"Thinking aloud."}]}]})"),
            words);
  EXPECT_EQ(estimate(R"("Thinking aloud.")"), words);
  EXPECT_EQ(estimate(R"({"content":"Thinking\u0020aloud."})"), words);
  EXPECT_EQ(estimate(R"({"content":"One\n\ntwo"})"), tokens_of("One\n\ntwo"));
  for (const char* nothing : {"{}", "null", "[]", "7", R"({"role":"assistant","content":""})",
                              R"({"content":{"a":"b"}})", R"({"id":"Thinking aloud.","audio":{"transcript":"x"}})",
                              R"({"tool_calls":null})", R"({"content":[[[["deep"]]]]})"})
    EXPECT_EQ(estimate(nothing), 0) << nothing;
}

TEST(OutputEstimate, CountsToolCalls) {
  const std::string arguments = R"({"location":"San Francisco"})";
  const std::string call = R"({"tool_calls":[{"index":0,"id":"call_7","function":{"name":"weather","arguments":)" +
                           nlohmann::json(arguments).dump() + "}}]}";
  const std::int64_t named = tokens_of("weather" + arguments);
  EXPECT_GT(estimate(call), named);
  EXPECT_LT(estimate(call), named + 20);
  EXPECT_EQ(estimate(R"({"tool_calls":[{"index":0,"function":{"arguments":"San Francisco"}}]})"),
            tokens_of("San Francisco"));
  EXPECT_GT(estimate(R"({"function_call":{"name":"weather","arguments":"{}"}})"), 1);
}

}  // namespace
}  // namespace triage
