// tests/golden/tokenize: tokenizers with the ids that the reference, Hugging Face's tokenizers, gives (make.py there).
#include "tokenize/tokenizer.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

namespace triage::tokenize {
namespace {

using Json = nlohmann::ordered_json;

const std::string folder = TRIAGE_SOURCE_DIR "/tests/golden/tokenize/";

Json read(const std::string& name) {
  std::ifstream in(folder + name);
  return Json::parse(in);
}

/// The cases of ids.jsonl: a tokenizer by name, how it is made from another, and what it gives.
std::vector<Json> cases() {
  std::ifstream in(folder + "ids.jsonl");
  std::vector<Json> out;
  for (std::string line; std::getline(in, line);) out.push_back(Json::parse(line));
  return out;
}

/// With `shorter`, the long ones at a twentieth of their length.
std::vector<std::string> texts(bool shorter) {
  std::vector<std::string> out;
  for (const Json& entry : read("texts.json")) {
    const auto text = entry[0].get<std::string>();
    const auto times = entry[1].get<int>();
    std::string repeated;
    for (int left = shorter ? (times + 19) / 20 : times; left > 0; --left) repeated += text;
    out.push_back(std::move(repeated));
  }
  return out;
}

/// FNV-1a over the numbers as 4 bytes each, in hexadecimal.
std::string hash(const Encoding& encoding) {
  std::uint64_t value = 14695981039346656037U;
  for (const Ids* const ids : {&encoding.ids, &encoding.type_ids}) {
    for (const std::int64_t id : *ids) {
      for (int shift = 0; shift < 32; shift += 8) value = (value ^ (id >> shift & 0xff)) * 1099511628211U;
    }
  }
  char spelled[17];
  std::snprintf(spelled, sizeof spelled, "%016lx", static_cast<unsigned long>(value));
  return spelled;
}

std::shared_ptr<const Tokenizer> tokenizer_of(const Json& of) {
  Json source = read(of["base"].get<std::string>() + ".json");
  for (const auto& [path, value] : of["changes"].items()) source[Json::json_pointer("/" + path)] = value;
  auto made = read_tokenizer_json(source.dump());
  EXPECT_TRUE(made) << made.error().message;
  return made ? *made : nullptr;
}

void compare(const Tokenizer& tokenizer, const std::vector<std::string>& inputs, const Json& wanted) {
  ASSERT_EQ(inputs.size(), wanted.size());
  for (std::size_t at = 0; at < inputs.size(); ++at) {
    SCOPED_TRACE("text " + std::to_string(at) + ": " + inputs[at].substr(0, 80));
    const auto encoding = tokenizer.encode(inputs[at]);
    ASSERT_TRUE(encoding) << encoding.error().message;
    if (wanted[at].size() > 2) {
      EXPECT_EQ(encoding->ids, wanted[at][2].get<Ids>());
    }
    EXPECT_EQ(encoding->ids.size(), wanted[at][0].get<std::size_t>());
    EXPECT_EQ(hash(*encoding), wanted[at][1].get<std::string>());
  }
}

TEST(TokenizerGolden, EveryTokenizerGivesTheReferencesIds) {
  const auto whole = texts(false);
  const auto shorter = texts(true);
  const auto all = cases();
  ASSERT_GE(all.size(), 50u);
  for (const Json& of : all) {
    SCOPED_TRACE(of["name"].get<std::string>());
    const auto tokenizer = tokenizer_of(of);
    if (tokenizer != nullptr) compare(*tokenizer, of["changes"].empty() ? whole : shorter, of["ids"]);
  }
}

TEST(TokenizerGolden, AVocabularyFileGivesTheSameIdsAsItsTokenizerJson) {
  const auto tokenizer = load_tokenizer(folder + "vocab.txt", {.lowercase = true});
  ASSERT_TRUE(tokenizer) << tokenizer.error().message;
  const auto json = load_tokenizer(folder + "uncased.json");
  ASSERT_TRUE(json) << json.error().message;
  for (const std::string& text : texts(true)) {
    const auto ids = (*tokenizer)->encode(text, 512);
    ASSERT_TRUE(ids);
    EXPECT_EQ(ids->ids, (*json)->encode(text, 512)->ids) << text.substr(0, 80);
  }
}

TEST(TokenizerGolden, EveryTruncationIsABeginningOfTheWhole) {
  for (const Json& of : cases()) {
    if (!of["changes"].empty()) continue;
    const auto tokenizer = tokenizer_of(of);
    ASSERT_NE(tokenizer, nullptr);
    const auto whole = tokenizer->encode("Hello, world! 北京 x̣ [MASK] <s> and so on", Tokenizer::unlimited);
    ASSERT_TRUE(whole);
    EXPECT_FALSE(whole->truncated);
    const std::size_t special = tokenizer->special_tokens();
    for (std::size_t limit = special; limit <= whole->ids.size(); ++limit) {
      const auto cut = tokenizer->encode("Hello, world! 北京 x̣ [MASK] <s> and so on", limit);
      ASSERT_TRUE(cut);
      ASSERT_EQ(cut->ids.size(), limit);
      EXPECT_EQ(cut->truncated, limit < whole->ids.size());
      // All begin with one special token at least, and those at the end stay.
      const std::size_t kept = limit - special;
      EXPECT_TRUE(
          std::equal(cut->ids.begin(), cut->ids.begin() + 1 + static_cast<std::ptrdiff_t>(kept), whole->ids.begin()));
      EXPECT_TRUE(std::equal(cut->ids.begin() + 1 + static_cast<std::ptrdiff_t>(kept), cut->ids.end(),
                             whole->ids.end() - static_cast<std::ptrdiff_t>(special - 1)));
    }
  }
}

}  // namespace
}  // namespace triage::tokenize
