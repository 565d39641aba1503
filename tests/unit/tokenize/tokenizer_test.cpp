#include "tokenize/tokenizer.hpp"

#include <gtest/gtest.h>

namespace triage::tokenize {
namespace {

Tokenizer::Parts word_pieces() {
  Tokenizer::Parts parts;
  parts.model = *word_piece({{"[UNK]", 0}, {"[CLS]", 1}, {"[SEP]", 2}, {"a", 3}, {"##b", 4}, {"b", 9}}, {});
  parts.pre_tokenizer = bert_pre_tokenizer();
  parts.post_processor.add({{false, 0, {1}}, {true, 0, {}}, {false, 0, {2}}}, true);
  return parts;
}

TEST(Tokenizer, KeepsTheSpecialTokens) {
  const Tokenizer tokenizer(word_pieces());
  EXPECT_EQ(tokenizer.special_tokens(), 2u);
  EXPECT_EQ(tokenizer.tokens_max(), Tokenizer::unlimited);
  EXPECT_EQ(tokenizer.encode("a ab", 5)->ids, (Ids{1, 3, 3, 4, 2}));
  EXPECT_FALSE(tokenizer.encode("a ab", 5)->truncated);
  EXPECT_EQ(tokenizer.encode("a ab", 4)->ids, (Ids{1, 3, 3, 2}));
  EXPECT_TRUE(tokenizer.encode("a ab", 4)->truncated);
  EXPECT_EQ(tokenizer.encode("a ab", 2)->ids, (Ids{1, 2}));
  const auto none = tokenizer.encode("a", 1);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().message, "a limit of 1 tokens has no room for the 2 special tokens that the tokenizer adds");
}

TEST(Tokenizer, DropsTheFirstTokensWhereTheFileSaysSo) {
  Tokenizer::Parts parts = word_pieces();
  parts.truncate_left = true;
  parts.tokens_max = 4;
  const Tokenizer tokenizer(std::move(parts));
  EXPECT_EQ(tokenizer.encode("a ab")->ids, (Ids{1, 3, 4, 2}));
  EXPECT_EQ(tokenizer.encode("a ab", 2)->ids, (Ids{1, 2}));
  EXPECT_EQ(tokenizer.encode("a ab", 5)->ids, (Ids{1, 3, 3, 4, 2}));
}

TEST(Tokenizer, CountsIdsWithGaps) {
  Tokenizer::Parts parts = word_pieces();
  parts.added_tokens.push_back({"<x>", 12});
  const Tokenizer tokenizer(std::move(parts));
  EXPECT_EQ(tokenizer.ids(), 13u);
  EXPECT_EQ(tokenizer.id_of("<x>"), 12u);
  EXPECT_EQ(tokenizer.id_of("##b"), 4u);
  EXPECT_EQ(tokenizer.id_of("c"), std::nullopt);
  EXPECT_EQ(tokenizer.pad_id(), 0u);
}

TEST(Tokenizer, TakesBytesThatAreNotUtf8ForReplacementCharacters) {
  const Tokenizer tokenizer(word_pieces());
  for (const std::string_view text : {"\xff", "a\xc3", "\xed\xa0\x80", "\xf0\x9f\x98", "\x80\x80"}) {
    std::string replaced;
    for (const char byte : text) replaced += byte == 'a' ? "a" : "\xef\xbf\xbd";
    EXPECT_EQ(tokenizer.encode(text)->ids, tokenizer.encode(replaced)->ids);
  }
}

TEST(Tokenizer, RefusesATextThatIsTooLong) {
  const Tokenizer tokenizer(word_pieces());
  const auto encoding = tokenizer.encode(std::string(Tokenizer::text_bytes_max + 1, ' '));
  ASSERT_FALSE(encoding);
  EXPECT_EQ(encoding.error().message, "a text of 67108865 bytes is too long for a tokenizer, which takes 67108864");
}

TEST(Tokenizer, SaysWhatItsModelCannotEncode) {
  Tokenizer::Parts parts;
  parts.model = *unigram({{"a", -1}}, std::nullopt, false);
  const Tokenizer tokenizer(std::move(parts));
  EXPECT_EQ(tokenizer.encode("aa")->ids, (Ids{0, 0}));
  EXPECT_EQ(tokenizer.encode("ab").error().message,
            "the tokenizer cannot encode the text: a character is no token, and the model has no unk_id");
}

TEST(Tokenizer, EndsAPatternThatTakesTooManySteps) {
  Tokenizer::Parts parts = word_pieces();
  parts.pre_tokenizer = pattern_split(Pattern(*Regex::compile("(?:a|a)*[xy]")), Behaviour::isolated, false);
  const Tokenizer tokenizer(std::move(parts));
  EXPECT_EQ(tokenizer.encode(std::string(60, 'a')).error().message,
            "the tokenizer cannot encode the text: a regular expression takes too many steps on this text");
}

TEST(AddedTokens, FindsTheLeftmostThenTheLongest) {
  const AddedTokens tokens({{"ab", 1}, {"abc", 2}, {"b", 3}});
  const auto found = tokens.find("xabcab b");
  std::vector<std::string> seen;
  for (const Stretch& at : found) {
    seen.push_back(std::to_string(at.begin) + '-' + std::to_string(at.end) +
                   (at.id ? ':' + std::to_string(*at.id) : ""));
  }
  EXPECT_EQ(seen, (std::vector<std::string>{"0-1", "1-4:2", "4-6:1", "6-7", "7-8:3"}));
}

}  // namespace
}  // namespace triage::tokenize
