// What is written is JSON with the contract's names, and what is read back is what was written.
#include "ledger/record_json.hpp"

#include "ledger/stored_record.hpp"
#include "support/padded.hpp"
#include "support/sample_record.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>

namespace triage::ledger {
namespace {

using nlohmann::json;

json written(const LedgerRecord& record, bool content = true) {
  return json::parse(json_of(record, content));
}

// `value` without the members that `like` has not: fields may be added.
json only(json value, const json& like) {
  if (value.is_array())
    for (std::size_t i = 0; i < std::min(value.size(), like.size()); ++i) value[i] = only(value[i], like[i]);
  if (!value.is_object() || !like.is_object()) return value;
  json out = json::object();
  for (const auto& [name, inside] : like.items())
    if (value.contains(name)) out[name] = only(value[name], inside);
  return out;
}

TEST(RecordJson, HasTheNamesOfTheContract) {
  const json record = written(sample_record("req_1", 3));
  const json expected = json::parse(R"({
    "v":1,"id":"req_1","time_unix_ms":1795000000003,"key":"checkout","route":"chat","config_version":"0123456789ab",
    "price_version":"2026-11-01","model_requested":"auto","path":"/v1/chat/completions",
    "chain":[{"router":"heuristic","tier":"large","score":null,"reason":"rrr"}],"tier":"large","class":null,
    "attempts":[
      {"purpose":"answer","cause":"first","deployment":"frontier","provider":"openai","model":"gpt-4o","tier":"large",
       "status":503,"error":"upstream_error","start_ms":0.0,"ttft_ms":null,"latency_ms":0.0,
       "tokens":{"input":0,"input_cached":0,"cache_write":0,"output":0,"reasoning":0,"input_audio":0,"output_audio":0},
       "usage_source":"none","cost_nano_usd":0,"end":"failed"},
      {"purpose":"answer","cause":"retry","deployment":"frontier","provider":"openai","model":"gpt-4o","tier":"large",
       "status":200,"error":null,"start_ms":30.5,"ttft_ms":210.0,"latency_ms":900.125,
       "tokens":{"input":812,"input_cached":100,"cache_write":0,"output":120,"reasoning":7,"input_audio":0,"output_audio":0},
       "usage_source":"reported","cost_nano_usd":3230003,"end":"completed"}],
    "outcome":"ok","error":null,"status":200,"finish_reason":"stop","streamed":true,"cancelled":false,
    "latency_ms":931.003,"ttft_ms":241.0,"overhead_us":140,"cost_nano_usd":3230003,"frontier_cost_nano_usd":3230003,
    "experiment":null,"signals":{"refusal":false,"truncated":false}})");
  EXPECT_EQ(only(record, expected), expected);
}

// Outsiders read these bytes. The file was written before the table of fields was. TRIAGE_REGENERATE=1 writes it anew,
// for a new field.
TEST(RecordJson, IsByteForByteWhatItWas) {
  LedgerRecord record = sample_record("req_1", 3);
  std::string all = json_of(record) + "\n" + json_of(LedgerRecord()) + "\n";
  record.content = "full";
  record.prompt = "say \"hi\"\n";
  record.attempts[0].verdict = "refusal";
  record.attempts[0].end = AttemptEnd::rejected;
  record.attempts[1].verdict = "too short";
  record.attempts[1].score = 0.25;
  record.shadow_of = "req_0";
  record.signals = {true, false, true, false, true, 3};
  record.completion_id = "chatcmpl-1";
  record.chain.push_back({"fixed", {}, 0.5, {}});
  record.chain.push_back({"classifier", "large", 0.75, "0.750 reaches 0.6", 0.6, "difficulty-1"});
  PairRecord pair;
  pair.kind = PairKind::shadow;
  pair.cheap = {"mini", "small", 0.25, 10, "a \"short\" one"};
  pair.picked = "strong";
  pair.given = "cheap";
  pair.reason = "judge";
  pair.margin = -0.5;
  record.pair = &pair;
  all += json_of(record) + "\n" + json_of(record, false) + "\n";
  pair.strong = {"frontier", "large", 0.75, std::nullopt, ""};
  record.content = {};
  all += json_of(record) + "\n" + json_of(record, false) + "\n";
  constexpr const char* path = TRIAGE_SOURCE_DIR "/tests/golden/ledger/records.jsonl";
  if (std::getenv("TRIAGE_REGENERATE")) std::ofstream(path, std::ios::binary) << all;
  std::ifstream file(path, std::ios::binary);
  std::ostringstream golden;
  golden << file.rdbuf();
  EXPECT_EQ(all, golden.str());
}

TEST(RecordJson, AnExperimentIsWrittenAndReadBack) {
  LedgerRecord record = sample_record("req_1");
  const ExperimentRecord experiment{"cheaper-threshold", "v2", "treatment", "5e884898", 0.1};
  record.experiment = &experiment;
  const json expected =
      json::parse(R"({"name":"cheaper-threshold","version":"v2","arm":"treatment","unit":"5e884898","share":0.1})");
  EXPECT_EQ(written(record)["experiment"], expected);
  const test::Padded line(json_of(record));
  RecordReader reader;
  StoredRecord read;
  ASSERT_TRUE(reader.read(line.view(), read));
  EXPECT_EQ(json::parse(read.get<&LedgerRecord::experiment>().value_or("")), expected);
}

TEST(RecordJson, APairIsWrittenAndReadBack) {
  LedgerRecord record = sample_record("req_1");
  PairRecord pair;
  pair.kind = PairKind::shadow;
  pair.cheap = {"mini", "small", 0.25, 10, "a \"short\" one"};
  pair.strong = {"frontier", "large", 0.75, std::nullopt, ""};
  pair.margin = 0.5;
  pair.picked = "strong";
  pair.given = "cheap";
  pair.reason = "judge: the strong answer is better";
  record.pair = &pair;
  record.shadow_of = "req_0";
  const json expected = json::parse(R"({"kind":"shadow",
    "cheap":{"deployment":"mini","tier":"small","score":0.25,"cost_nano_usd":10,"answer":"a \"short\" one"},
    "strong":{"deployment":"frontier","tier":"large","score":0.75,"cost_nano_usd":null},
    "margin":0.5,"picked":"strong","given":"cheap","reason":"judge: the strong answer is better"})");
  EXPECT_EQ(written(record)["pair"], expected);
  EXPECT_EQ(written(record)["shadow_of"], "req_0");
  EXPECT_FALSE(written(record, false)["pair"]["cheap"].contains("answer"));
  pair.strong = {};
  EXPECT_TRUE(written(record)["pair"]["strong"].is_null());

  const test::Padded line(json_of(record));
  RecordReader reader;
  StoredRecord read;
  ASSERT_TRUE(reader.read(line.view(), read));
  EXPECT_EQ(json::parse(read.get<&LedgerRecord::pair>().value_or("")), written(record)["pair"]);
  EXPECT_EQ(read.get<&LedgerRecord::shadow_of>(), "req_0");
}

TEST(RecordJson, OfAnEmptyRecordIsNullsNotGuesses) {
  const json record = written(LedgerRecord());
  for (const char* name : {"id", "key", "route", "tier", "class", "error", "status", "ttft_ms", "cost_nano_usd",
                           "frontier_cost_nano_usd", "experiment", "finish_reason"})
    EXPECT_TRUE(record.at(name).is_null()) << name;
  EXPECT_EQ(record.at("chain"), json::array());
  EXPECT_EQ(record.at("attempts"), json::array());
  EXPECT_EQ(record.at("signals"), json::object());
  EXPECT_FALSE(record.contains("content"));
}

TEST(RecordJson, TimesHaveThreeDecimalsAndAreNeverNotANumber) {
  const auto spelled = [](double ms) {
    LedgerRecord record;
    record.latency_ms = ms;
    const std::string text = json_of(record);
    const std::size_t begin = text.find("\"latency_ms\":") + 13;
    return text.substr(begin, text.find(',', begin) - begin);
  };
  EXPECT_EQ(spelled(0), "0.0");
  EXPECT_EQ(spelled(0.4), "0.4");
  EXPECT_EQ(spelled(210), "210.0");
  EXPECT_EQ(spelled(900.1), "900.1");
  EXPECT_EQ(spelled(1.05), "1.05");
  EXPECT_EQ(spelled(1.005), "1.005");
  EXPECT_EQ(spelled(1.0004), "1.0");
  EXPECT_EQ(spelled(-0.25), "-0.25");
  EXPECT_EQ(spelled(std::nan("")), "null");
  EXPECT_EQ(spelled(std::numeric_limits<double>::infinity()), "null");
  EXPECT_EQ(spelled(1e300), "null");
}

TEST(RecordJson, ContentIsThereOnlyIfAskedFor) {
  LedgerRecord record = sample_record("req_1");
  record.content = "full";
  record.prompt = "say \"hi\"\n\x01 \xff";
  record.answer = "hi";
  const json with = written(record);
  EXPECT_EQ(with.at("content"), "full");
  EXPECT_EQ(with.at("prompt"), "say \"hi\"\n\x01 \xef\xbf\xbd");
  EXPECT_EQ(with.at("answer"), "hi");
  const json without = written(record, false);
  EXPECT_EQ(without.at("content"), "omitted");
  EXPECT_FALSE(without.contains("prompt"));
}

StoredRecord read(RecordReader& reader, std::string& text) {
  text.append(64, '\0');
  StoredRecord record;
  EXPECT_TRUE(reader.read(std::string_view(text).substr(0, text.size() - 64), record)) << text;
  return record;
}

const std::vector<StoredAttempt>& attempts_of(const StoredRecord& record) {
  return record.get<&LedgerRecord::attempts>().rows;
}
const Stored<Usage>& tokens_of(const StoredRecord& record, std::size_t attempt) {
  return attempts_of(record)[attempt].get<&AttemptRecord::tokens>();
}

TEST(StoredRecord, IsWhatWasWritten) {
  LedgerRecord given = sample_record("req_1", 3);
  given.path = "/v1/\"quoted\"";
  given.signals.refusal = true;
  std::string text = json_of(given);
  RecordReader reader;
  const StoredRecord record = read(reader, text);
  EXPECT_EQ(record.get<&LedgerRecord::id>(), "req_1");
  EXPECT_EQ(record.get<&LedgerRecord::time_unix_ms>(), 1795000000003);
  EXPECT_EQ(record.get<&LedgerRecord::key>(), "checkout");
  EXPECT_EQ(record.get<&LedgerRecord::path>(), "/v1/\"quoted\"");
  EXPECT_EQ(record.get<&LedgerRecord::chain>(),
            R"([{"router":"heuristic","tier":"large","score":null,"reason":"rrr"}])");
  EXPECT_EQ(record.get<&LedgerRecord::task_class>(), std::nullopt);
  EXPECT_EQ(record.get<&LedgerRecord::outcome>(), "ok");
  EXPECT_EQ(record.get<&LedgerRecord::status>(), 200);
  EXPECT_EQ(record.get<&LedgerRecord::streamed>(), true);
  EXPECT_EQ(record.get<&LedgerRecord::latency_ms>(), 931.003);
  EXPECT_EQ(record.get<&LedgerRecord::cost_nano_usd>(), 3230003);
  EXPECT_EQ(record.get<&LedgerRecord::experiment>(), std::nullopt);
  EXPECT_EQ(record.get<&LedgerRecord::signals>().json, R"({"refusal":true,"truncated":false})");
  EXPECT_EQ(record.get<&LedgerRecord::signals>().members.get<&Signals::refusal>(), true);
  ASSERT_EQ(attempts_of(record).size(), 2U);
  EXPECT_EQ(attempts_of(record)[0].get<&AttemptRecord::end>(), "failed");
  EXPECT_EQ(attempts_of(record)[0].get<&AttemptRecord::ttft_ms>(), std::nullopt);
  EXPECT_EQ(attempts_of(record)[1].get<&AttemptRecord::cause>(), "retry");
  EXPECT_EQ(tokens_of(record, 1).get<&Usage::input>(), 812);
  EXPECT_EQ(tokens_of(record, 1).get<&Usage::reasoning>(), 7);
  EXPECT_EQ(attempts_of(record)[1].get<&AttemptRecord::latency_ms>(), 900.125);
  EXPECT_EQ(record.get<&LedgerRecord::attempts>().json->front(), '[');
  EXPECT_EQ(record.get<&LedgerRecord::attempts>().json->back(), ']');
}

TEST(StoredRecord, OfAnotherVersionIsReadAsFarAsItIsKnown) {
  RecordReader reader;
  std::string older = R"({"v":1,"id":"req_old","attempts":[{"deployment":"a"}]})";
  const StoredRecord old = read(reader, older);
  EXPECT_EQ(old.get<&LedgerRecord::id>(), "req_old");
  EXPECT_EQ(old.get<&LedgerRecord::outcome>(), std::nullopt);
  ASSERT_EQ(attempts_of(old).size(), 1U);
  EXPECT_EQ(attempts_of(old)[0].get<&AttemptRecord::cost_nano_usd>(), std::nullopt);

  std::string newer = R"({"v":2,"added":{"deep":[1,{"id":"no"}]},"id":"req_new","status":"teapot","latency_ms":{"p":1},
    "attempts":[7,{"deployment":"b","tokens":{"input":5,"video":9},"x":null},null],"cost_nano_usd":1e3,"tier":["x"]})";
  const StoredRecord fresh = read(reader, newer);
  EXPECT_EQ(fresh.get<&LedgerRecord::id>(), "req_new");
  EXPECT_EQ(fresh.get<&LedgerRecord::status>(), std::nullopt) << "of another kind";
  EXPECT_EQ(fresh.get<&LedgerRecord::latency_ms>(), std::nullopt);
  EXPECT_EQ(fresh.get<&LedgerRecord::cost_nano_usd>(), std::nullopt) << "money is whole";
  EXPECT_EQ(fresh.get<&LedgerRecord::tier>(), std::nullopt);
  ASSERT_EQ(attempts_of(fresh).size(), 3U);
  EXPECT_EQ(tokens_of(fresh, 1).get<&Usage::input>(), 5);
}

TEST(StoredRecord, OfWhatIsNoObjectIsNone) {
  RecordReader reader;
  StoredRecord record;
  for (const char* text : {"", "[]", "null", "{", R"({"id":)", R"({"id":"x")"}) {
    const std::string padded = std::string(text) + std::string(64, '\0');
    EXPECT_FALSE(reader.read(std::string_view(padded).substr(0, padded.size() - 64), record)) << text;
  }
}

}  // namespace
}  // namespace triage::ledger
