// Requests are found wherever the ledger has them, and what is said of them is kept once.
#include "ledger/feedback_keeper.hpp"

#include "integration/ledger/ledger_fixture.hpp"

#include <future>

namespace triage::ledger {
namespace {

using Found = std::optional<PastRequest>;

class FeedbackKeeperTest : public LedgerTest {
 protected:
  static Result<Found> find(FeedbackKeeper& keeper, const std::string& id,
                            const std::optional<std::string>& key = std::nullopt) {
    std::promise<Result<Found>> promise;
    EXPECT_TRUE(keeper.find(id, key, [&](Result<Found> found) { promise.set_value(std::move(found)); }));
    return promise.get_future().get();
  }
  static Result<bool> keep(FeedbackKeeper& keeper, const std::string& id, const Feedback& said) {
    std::promise<Result<bool>> promise;
    PastRequest request;
    request.id = id;
    request.route = "chat";
    request.experiment = Assigned{"e", "v2", "treatment", "5e88", 0.25};
    EXPECT_TRUE(keeper.keep(request, "checkout", said, [&](Result<bool> kept) { promise.set_value(std::move(kept)); }));
    return promise.get_future().get();
  }
  static Feedback thumb(Thumb thumb) {
    Feedback said;
    said.thumb = thumb;
    return said;
  }
  [[nodiscard]] std::vector<std::string> feedback_lines() const {
    std::vector<std::string> found;
    Source source(path());
    for (Line line; source.next(line);)
      if (kind_in(line.json) == kind_of<FeedbackEvent>) found.emplace_back(line.json);
    return found;
  }
};

TEST_F(FeedbackKeeperTest, ARequestIsFoundInTheJournalAndInTheDatabase) {
  const ExperimentRecord experiment{"e", "v2", "treatment", "5e88", 0.25};
  Running running(spec);
  LedgerRecord record = record_now("req_1");
  record.completion_id = "chatcmpl-1";
  record.experiment = &experiment;
  running.ledger.keep(record);
  record = record_now("req_2");
  record.completion_id = "chatcmpl-1";
  record.key = "other";
  running.ledger.keep(record);
  record = record_now("req_3");
  record.completion_id = "chatcmpl-3";
  record.shadow_of = "req_2";
  running.ledger.keep(record);
  EXPECT_TRUE(eventually([&] { return rows_of(path()).size() == 3; }));
  running.ledger.stop();
  for (const bool database : {true, false}) {
    if (!database) std::filesystem::remove(database_path(path()));
    FeedbackKeeper keeper(path(), running.ledger);
    keeper.start();
    for (const char* const id : {"req_1", "chatcmpl-1"}) {
      const auto found = find(keeper, id, "checkout");
      ASSERT_TRUE(found && *found) << id;
      EXPECT_EQ((*found)->id, "req_1");
      EXPECT_EQ((*found)->route, "chat");
      EXPECT_EQ((*found)->experiment->arm, "treatment");
      EXPECT_EQ((*found)->experiment->share, 0.25);
    }
    EXPECT_EQ((*find(keeper, "chatcmpl-1"))->id, "req_2") << "the newest";
    EXPECT_FALSE(*find(keeper, "req_1", "other"));
    EXPECT_FALSE(*find(keeper, "req_3")) << "no client has seen it";
    EXPECT_FALSE(*find(keeper, "req_4"));
  }
}

TEST_F(FeedbackKeeperTest, TheSameAgainIsKeptOnceAlsoByTheNextProcess) {
  for (int process = 0; process < 3; ++process) {
    Running running(spec);
    FeedbackKeeper keeper(path(), running.ledger);
    keeper.start();
    EXPECT_EQ(*keep(keeper, "req_1", thumb(Thumb::up)), process == 0);
    EXPECT_FALSE(*keep(keeper, "req_1", thumb(Thumb::up)));
    keeper.stop();
    running.ledger.stop();
    if (process == 1) std::filesystem::remove(database_path(path()));
  }
  EXPECT_EQ(feedback_lines().size(), 1U);
}

TEST_F(FeedbackKeeperTest, ALineSaysAllThatWasSaidSoFarAndTheLastWordCounts) {
  Running running(spec);
  FeedbackKeeper keeper(path(), running.ledger);
  keeper.start();
  Feedback comment;
  comment.comment = "too long";
  EXPECT_TRUE(*keep(keeper, "req_1", thumb(Thumb::up)));
  EXPECT_TRUE(*keep(keeper, "req_1", comment));
  EXPECT_TRUE(*keep(keeper, "req_1", thumb(Thumb::down)));
  EXPECT_FALSE(*keep(keeper, "req_1", comment));
  EXPECT_TRUE(eventually([&] { return feedback_lines().size() == 3; }));
  const std::string last = feedback_lines().back();
  for (const char* part : {R"("id":"req_1")", R"("key":"checkout")", R"("thumb":"down")", R"("comment":"too long")",
                           R"("score":null)", R"("route":"chat")", R"("arm":"treatment")"})
    EXPECT_NE(last.find(part), std::string::npos) << part << " in " << last;
}

TEST_F(FeedbackKeeperTest, WhatIsSaidTwiceAtOnceIsKeptOnce) {
  Running running(spec);
  FeedbackKeeper keeper(path(), running.ledger);
  keeper.start();
  std::atomic<int> kept{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] {
      for (int number = 0; number < 50; ++number) kept += *keep(keeper, id_of(number), thumb(Thumb::down));
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(kept, 50);
}

TEST_F(FeedbackKeeperTest, TooManyAreRefusedAtOnce) {
  Running running(spec);
  FeedbackKeeper keeper(path(), running.ledger);  // not started: all wait
  keeper.set_most(2);
  const auto nothing = [](const Result<Found>&) {};
  EXPECT_TRUE(keeper.find("a", std::nullopt, nothing));
  EXPECT_TRUE(keeper.find("b", std::nullopt, nothing));
  EXPECT_FALSE(keeper.find("c", std::nullopt, nothing));
}

TEST_F(FeedbackKeeperTest, ALedgerThatCannotBeReadIsAnErrorNotAnUnknownId) {
  Running running(spec);
  running.keep(0, 3);
  EXPECT_TRUE(eventually([&] { return rows_of(path()).size() == 3; }));
  running.ledger.stop();
  std::ofstream(database_path(path()), std::ios::trunc) << std::string(4096, 'x');
  for (const char* companion : {"-wal", "-shm"}) std::filesystem::remove(database_path(path()) + companion);
  FeedbackKeeper keeper(path(), running.ledger);
  keeper.start();
  const auto found = find(keeper, "req_9");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::overloaded);
}

}  // namespace
}  // namespace triage::ledger
