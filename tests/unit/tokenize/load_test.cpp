#include "tokenize/tokenizer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

namespace triage::tokenize {
namespace {

using Json = nlohmann::ordered_json;

/// A small tokenizer.json, changed at `path`.
std::string changed(const std::string& path, const Json& value) {
  Json file = Json::parse(R"({
    "version": "1.0", "truncation": null, "padding": null,
    "added_tokens": [{"id": 1, "content": "[CLS]", "single_word": false, "lstrip": false, "rstrip": false,
                      "normalized": false, "special": true}],
    "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": null,
                   "lowercase": true},
    "pre_tokenizer": {"type": "BertPreTokenizer"},
    "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 2], "cls": ["[CLS]", 1]},
    "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true},
    "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
              "max_input_chars_per_word": 100,
              "vocab": {"[UNK]": 0, "[CLS]": 1, "[SEP]": 2, "a": 3, "##b": 4}}})");
  if (!path.empty()) file[Json::json_pointer(path)] = value;
  return file.dump();
}

std::string error_of(std::string_view content) {
  const auto made = read_tokenizer_json(content);
  return made ? "none" : made.error().message;
}

std::string error_of(const std::string& path, const Json& value) {
  return error_of(changed(path, value));
}

Ids ids_of(const std::string& content, std::string_view text) {
  const auto made = read_tokenizer_json(content);
  EXPECT_TRUE(made) << made.error().message;
  const auto encoding = (*made)->encode(text);
  EXPECT_TRUE(encoding) << encoding.error().message;
  return encoding->ids;
}

TEST(ReadTokenizerJson, ReadsASmallOne) {
  EXPECT_EQ(ids_of(changed("", {}), "A ab b"), (Ids{1, 3, 3, 4, 0, 2}));
  EXPECT_EQ(ids_of(changed("/padding", {{"pad_id", 7}}), ""), (Ids{1, 2}));
}

TEST(ReadTokenizerJson, RefusesWhatItDoesNotKnowByName) {
  EXPECT_THAT(error_of("/normalizer/type", "Unidecode"),
              testing::StartsWith("normalizer.type: \"Unidecode\" is not supported. Supported are: BertNormalizer,"));
  EXPECT_THAT(error_of("/pre_tokenizer/type", "UnicodeScripts"),
              testing::StartsWith("pre_tokenizer.type: \"UnicodeScripts\" is not supported."));
  EXPECT_THAT(
      error_of("/model/type", "WordLevel"),
      testing::StartsWith("model.type: \"WordLevel\" is not supported. Supported are: BPE, Unigram, WordPiece"));
  EXPECT_THAT(error_of("/post_processor/type", "Other"), testing::StartsWith("post_processor.type: \"Other\" is not"));
  EXPECT_EQ(error_of("/normalizer/new_flag", true), "normalizer.new_flag: this member is not supported");
  EXPECT_EQ(error_of("/model/a-b", true), "model[\"a-b\"]: this member is not supported");
  EXPECT_EQ(error_of("/future", true), "future: this member is not supported");
  EXPECT_EQ(error_of("/version", "2.0"), "version: \"2.0\" is not supported. Supported is: 1.0");
}

TEST(ReadTokenizerJson, NamesTheMemberAndWhatItExpected) {
  EXPECT_EQ(error_of("/model/unk_token", 3), "model.unk_token: expected a string, found a number");
  EXPECT_EQ(error_of("/model/vocab", Json::array()), "model.vocab: expected an object, found an array");
  EXPECT_EQ(error_of("/model/vocab/a", -1),
            "model.vocab.a: expected a whole number from 0 to 4294967294, found a number");
  EXPECT_EQ(error_of("/model/vocab/a", 4294967295u),
            "model.vocab.a: expected a whole number from 0 to 4294967294, found a number");
  EXPECT_EQ(error_of("/model", nullptr), "model: expected an object, found null");
  EXPECT_EQ(error_of("/model/unk_token", "<unk>"), "model: the vocabulary lacks the unknown token \"<unk>\"");
  EXPECT_EQ(error_of("/normalizer", "NFC"), "normalizer: expected an object, found a string");
  EXPECT_EQ(error_of("/normalizer/lowercase", "yes"), "normalizer.lowercase: expected true or false, found a string");
  EXPECT_EQ(error_of("/added_tokens/0/id", 9), "added_tokens[0].id: \"[CLS]\" has the id 9, but the vocabulary says 1");
  EXPECT_EQ(error_of("/added_tokens/0/content", "[NEW]"),
            "added_tokens[0].id: \"[NEW]\" has the id 1, but the next free one is 5");
  EXPECT_EQ(error_of("/post_processor/sep", Json::array({"[SEP]"})), "post_processor.sep: expected a token and its id");
  EXPECT_EQ(error_of("{}"), "model: expected an object, found nothing");
  EXPECT_EQ(error_of("[]"), "the file: expected an object, found an array");
  EXPECT_THAT(error_of("{\"a\":"), testing::StartsWith("is not JSON: "));
  EXPECT_THAT(error_of(""), testing::StartsWith("is not JSON: "));
}

TEST(ReadTokenizerJson, GivesAddedTokensTheIdsOfTheReference) {
  const auto token = [](const std::string& content, int id, bool rstrip = false) {
    return Json{{"id", id},         {"content", content},  {"single_word", false}, {"lstrip", false},
                {"rstrip", rstrip}, {"normalized", false}, {"special", true}};
  };
  const auto with = [&](const Json& tokens) { return changed("/added_tokens", tokens); };
  EXPECT_EQ(ids_of(with(Json::array({token("<x>", 5), token("a", 3), token("<y>", 6)})), "<y><x>a"),
            (Ids{1, 6, 5, 3, 2}));
  EXPECT_EQ(error_of(with(Json::array({token("<x>", 5), token("a", 3), token("<y>", 7)}))),
            "added_tokens[2].id: \"<y>\" has the id 7, but the next free one is 6");
  // Of two entries for one token the last counts.
  EXPECT_EQ(ids_of(with(Json::array({token("<x>", 5), token("<x>", 5, true)})), "<x>  a"), (Ids{1, 5, 3, 2}));
  EXPECT_EQ(error_of(with(Json::array({token("<x>", 5), token("<x>", 6)}))),
            "added_tokens[1].id: \"<x>\" has the id 6, but the same token before it has 5");
}

TEST(ReadTokenizerJson, ChecksTruncation) {
  const Json good = {{"direction", "Right"}, {"max_length", 3}, {"strategy", "LongestFirst"}, {"stride", 0}};
  EXPECT_EQ(ids_of(changed("/truncation", good), "a a a"), (Ids{1, 3, 2}));
  Json bad = good;
  bad["max_length"] = 1;
  EXPECT_EQ(error_of("/truncation", bad), "truncation.max_length: 1 has no room for the 2 special tokens");
  bad = good;
  bad["strategy"] = "OnlySecond";
  EXPECT_THAT(error_of("/truncation", bad),
              testing::StartsWith("truncation.strategy: \"OnlySecond\" does not fit one"));
  bad = good;
  bad["direction"] = "Up";
  EXPECT_EQ(error_of("/truncation", bad), "truncation.direction: expected \"Left\" or \"Right\"");
}

TEST(ReadTokenizerJson, ChecksPatterns) {
  const auto split = [](const Json& pattern) {
    return Json{{"type", "Split"}, {"pattern", pattern}, {"behavior", "Isolated"}, {"invert", false}};
  };
  EXPECT_EQ(error_of("/pre_tokenizer", split({{"Regex", "a(b"}})),
            "pre_tokenizer.pattern.Regex: \"a(b\": missing closing parenthesis");
  EXPECT_EQ(error_of("/pre_tokenizer", split({{"Regex", "a\\h"}})),
            "pre_tokenizer.pattern.Regex: \"a\\h\": \\h at offset 1 is not supported");
  EXPECT_EQ(error_of("/pre_tokenizer", split({{"String", ""}})),
            "pre_tokenizer.pattern.String: expected a text that is not empty");
  EXPECT_EQ(error_of("/pre_tokenizer", split({{"Glob", "*"}})),
            "pre_tokenizer.pattern.Glob: this member is not supported");
  Json behaviour = split({{"String", "a"}});
  behaviour["behavior"] = "Dropped";
  EXPECT_THAT(error_of("/pre_tokenizer", behaviour),
              testing::StartsWith("pre_tokenizer.behavior: \"Dropped\" is none of "));
}

TEST(ReadTokenizerJson, BoundsNesting) {
  Json nested = {{"type", "Lowercase"}};
  for (int depth = 0; depth < 12; ++depth) nested = {{"type", "Sequence"}, {"normalizers", Json::array({nested})}};
  EXPECT_THAT(error_of("/normalizer", nested), testing::EndsWith(": sequences are nested too deeply"));
}

TEST(ReadTokenizerJson, RefusesABrokenCharacterMap) {
  const auto error = [](const std::string& base64) {
    return error_of("/normalizer", Json{{"type", "Precompiled"}, {"precompiled_charsmap", base64}});
  };
  EXPECT_EQ(error("a"), "normalizer.precompiled_charsmap: expected base64");
  EXPECT_THAT(error("AAA="), testing::EndsWith("but it is shorter than 4 bytes"));
  EXPECT_THAT(error("/////w=="), testing::EndsWith("but its trie ends behind its end"));
  EXPECT_THAT(error("AAAAAA=="), testing::EndsWith("but its trie is empty"));
  EXPECT_THAT(error("BAAAAAAAAAD/"), testing::EndsWith("but its replacements are not UTF-8"));
}

TEST(ReadTokenizerJson, ReadsModelsOfEveryAge) {
  const auto bpe = [](const Json& merges) {
    return Json{{"vocab", {{"a", 0}, {"b", 1}, {"ab", 2}}}, {"merges", merges}};
  };
  const auto model = [](const Json& of) {
    Json file = Json::parse(changed("/model", of));
    file["added_tokens"] = Json::array();
    file["post_processor"] = nullptr;
    return file.dump();
  };
  EXPECT_EQ(ids_of(model(bpe(Json::array({"a b"}))), "aba"), (Ids{2, 0}));
  EXPECT_EQ(ids_of(model(bpe(Json::array({Json::array({"a", "b"})}))), "aba"), (Ids{2, 0}));
  EXPECT_EQ(error_of(model(bpe(Json::array({"a b c"})))),
            "model.merges[0]: expected two tokens with one blank between, found \"a b c\"");
  EXPECT_EQ(error_of(model(bpe(Json::array({"b a"})))),
            "model.merges: merge 0 needs the token \"ba\", which the vocabulary lacks");
  EXPECT_EQ(error_of(model(bpe(Json::array({Json::array({"a"})})))), "model.merges[0]: expected two tokens, found 1");
  Json dropout = bpe(Json::array());
  dropout["dropout"] = 0.1;
  EXPECT_EQ(error_of(model(dropout)), "model.dropout: dropout is for training: expected null");
  const Json unigram = {{"vocab", Json::array({Json::array({"a", -1.5}), Json::array({"b", -2})})}, {"unk_id", 2}};
  EXPECT_EQ(error_of(model(unigram)), "model: unk_id 2 is beyond the vocabulary, which has 2 tokens");
  EXPECT_EQ(error_of(model({{"vocab", Json::object()}})), "model.type: expected a string, found nothing");
}

TEST(ReadVocabulary, NeedsTheTokensOfBert) {
  const auto error = [](std::string_view content) {
    const auto made = read_vocabulary(content, {});
    return made ? "none" : made.error().message;
  };
  EXPECT_EQ(error("[UNK]\n[CLS]\r\n[SEP]\na\n"), "none");
  EXPECT_EQ(error("a\n"),
            "expected a BERT vocabulary, one token a line, but the vocabulary lacks the unknown token \"[UNK]\"");
  EXPECT_EQ(error("[UNK]\n[CLS]\n"), "expected a BERT vocabulary, one token a line, but it lacks \"[SEP]\"");
  EXPECT_EQ(error("[UNK]\n\xff\n"), "line 2: is not UTF-8");
}

TEST(ReadVocabulary, KeepsCaseAndAccentsWhenTold) {
  constexpr std::string_view content = "[UNK]\n[CLS]\n[SEP]\ne\nÉ\n";
  const auto ids = [&](bool lowercase) { return (*read_vocabulary(content, {lowercase}))->encode("É")->ids; };
  EXPECT_EQ(ids(true), (Ids{1, 3, 2}));
  EXPECT_EQ(ids(false), (Ids{1, 4, 2}));
}

TEST(LoadTokenizer, NamesTheFile) {
  const auto missing = load_tokenizer("/no/such/vocab.txt");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().message, "/no/such/vocab.txt: cannot be opened: No such file or directory");
  EXPECT_EQ(missing.error().code, ErrorCode::invalid_config);
  const std::string path = testing::TempDir() + "triage_broken.json";
  std::ofstream(path) << "{\"model\": 1}";
  EXPECT_EQ(load_tokenizer(path).error().message, path + ": model: expected an object, found a number");
  EXPECT_FALSE(load_tokenizer(testing::TempDir()));
}

}  // namespace
}  // namespace triage::tokenize
