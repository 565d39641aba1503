// Events are written with the names of the contract, told apart from records, and read back.
#include "ledger/entry.hpp"
#include "support/padded.hpp"
#include "support/sample_record.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace triage::ledger {
namespace {

using nlohmann::json;

constexpr std::int64_t time = 1'795'000'000'000;

TEST(EventJson, HasItsKindRightBehindItsVersion) {
  EXPECT_EQ(json_of(sample_event("req_1", 0)),
            R"({"v":1,"kind":"feedback","id":"req_1","time_unix_ms":1795000000000,"key":"checkout","thumb":"down",)"
            R"("score":0.25,"task_completed":false,"comment":"no \"good\"","corrected":"42","route":"chat",)"
            R"("experiment":{"name":"cheaper-threshold","version":"v2","arm":"treatment","unit":"5e884898",)"
            R"("share":0.1}})");
  EXPECT_EQ(json_of(sample_event("req_1", 1)),
            R"({"v":1,"kind":"grade","id":"req_1","time_unix_ms":1795000000000,"route":"chat","grader":"judge",)"
            R"("version":"0123456789ab","against":"frontier","score":0.75,"reason":"as good","cost_nano_usd":1200000,)"
            R"("experiment":{"name":"cheaper-threshold","version":"v2","arm":"treatment","unit":"5e884898",)"
            R"("share":0.1}})");
  EXPECT_EQ(json_of(sample_event("", 2)),
            R"({"v":1,"kind":"experiment","name":"cheaper-threshold","version":"v2","time_unix_ms":1795000000000,)"
            R"("route":"chat","action":"rollback","actor":null,"stage":1,"share":0,"reason":"thumbs fell",)"
            R"("figures":{"wealth":21.5,"units":[400,40]}})");
}

TEST(EventJson, WhatIsNotSaidIsNull) {
  const json feedback = json::parse(json_of(FeedbackEvent{}));
  for (const char* name : {"id", "key", "thumb", "score", "task_completed", "comment", "corrected"})
    EXPECT_TRUE(feedback.at(name).is_null()) << name;
  EXPECT_TRUE(json::parse(json_of(GradeEvent{})).at("score").is_null()) << "not enough to tell";
  EXPECT_TRUE(json::parse(json_of(ExperimentEvent{})).at("figures").is_null());
}

TEST(KindIn, IsTheOneBehindTheVersion) {
  EXPECT_EQ(kind_in(R"({"v":1,"kind":"feedback","id":"x"})"), "feedback");
  EXPECT_EQ(kind_in(R"({"v":12,"kind":"of a newer one"})"), "of a newer one");
  EXPECT_EQ(kind_in(R"({"v":1,"id":"x","kind":"feedback"})"), "request");
  EXPECT_EQ(kind_in(R"({"v":1,"id":",\"kind\":\"grade\""})"), "request");
  EXPECT_EQ(kind_in(R"({"v":1,"kind":"request","id":"x"})"), "request");
  for (const char* text : {"", "{", "[]", R"({"v":1})", R"({"v":1,)"}) EXPECT_EQ(kind_in(text), "request") << text;
}

struct Seen {
  std::string kind;
  std::string id;
};

Seen seen(const Entry& entry) {
  Seen out;
  entry.visit([&]<class T>(const Stored<T>& stored) {
    out.kind = kind_of<T>;
    if constexpr (!std::is_same_v<T, ExperimentEvent>) out.id = stored.template get<&T::id>().value_or("");
  });
  return out;
}

TEST(Entry, IsReadAsWhatItIs) {
  Entry entry;
  for (std::uint64_t i = 0; i < 6; ++i) {
    const test::Padded line(json_of(sample_event("req_" + std::to_string(i), i)));
    ASSERT_EQ(entry.read({line.view(), i}), Entry::Is::known);
    EXPECT_EQ(entry.seq(), i);
    EXPECT_EQ(seen(entry).kind, i % 3 == 0 ? "feedback" : i % 3 == 1 ? "grade" : "experiment");
    if (i % 3 != 2) {
      EXPECT_EQ(seen(entry).id, "req_" + std::to_string(i));
    }
  }
  const test::Padded record(json_of(sample_record("req_7")));
  ASSERT_EQ(entry.read({record.view(), 7}), Entry::Is::known);
  EXPECT_EQ(seen(entry).kind, "request");
  EXPECT_EQ(seen(entry).id, "req_7");
}

TEST(Entry, OfAFeedbackHasAllThatWasSaid) {
  Entry entry;
  const test::Padded line(json_of(sample_event("req_1", 0, time)));
  ASSERT_EQ(entry.read({line.view(), 1}), Entry::Is::known);
  bool visited = false;
  entry.visit([&]<class T>(const Stored<T>& stored) {
    if constexpr (std::is_same_v<T, FeedbackEvent>) {
      visited = true;
      EXPECT_EQ(stored.template get<&T::time_unix_ms>(), time);
      EXPECT_EQ(stored.template get<&T::key>(), "checkout");
      EXPECT_EQ(stored.template get<&T::thumb>(), "down");
      EXPECT_EQ(stored.template get<&T::score>(), 0.25);
      EXPECT_EQ(stored.template get<&T::task_completed>(), false);
      EXPECT_EQ(stored.template get<&T::comment>(), "no \"good\"");
      EXPECT_EQ(stored.template get<&T::corrected>(), "42");
    }
  });
  EXPECT_TRUE(visited);
}

TEST(Entry, OfAnotherKindIsUnknownAndOfNoObjectUnreadable) {
  Entry entry;
  const test::Padded newer(R"({"v":1,"kind":"hologram","id":"req_1"})");
  EXPECT_EQ(entry.read({newer.view(), 1}), Entry::Is::unknown);
  EXPECT_EQ(entry.kind(), "hologram");
  bool visited = false;
  entry.visit([&](const auto&) { visited = true; });
  EXPECT_FALSE(visited);
  const test::Padded list("[1]");
  EXPECT_EQ(entry.read({list.view(), 1}), Entry::Is::unreadable);
}

TEST(RecordReader, TakesNoEventForARecord) {
  RecordReader reader;
  StoredRecord record;
  const test::Padded line(json_of(sample_event("req_1", 0)));
  EXPECT_FALSE(reader.read(line.view(), record));
}

}  // namespace
}  // namespace triage::ledger
