// What a ledger keeps when nothing goes wrong but restarts.
#include "integration/ledger/ledger_fixture.hpp"
#include "ledger/folder.hpp"

#include "base/loop.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace triage::ledger {
namespace {

TEST_F(LedgerTest, KeepsRecordsInOrderOverRestarts) {
  for (int round = 0; round < 4; ++round) {
    Running process(spec);
    process.keep(round * 500, (round + 1) * 500);
    process.ledger.stop();
    EXPECT_TRUE(process.ledger.status().ok());
  }
  EXPECT_EQ(ids_of(path()), ids(0, 2000));
  EXPECT_EQ(rows_of(path()), ids(0, 2000));
  EXPECT_GT(segments_of(path()).size(), 8U) << "segments of 64 KiB";
}

TEST_F(LedgerTest, WhatIsOnlyInTheSpoolIsFoundAndTakenUpOnce) {
  {
    Running never_started(spec, false);
    never_started.keep(0, 50);
    EXPECT_EQ(ids_of(path()), Ids()) << "beside a process that writes, only its journal is read";
    std::filesystem::copy(path() + "/spool", path() + "/copy");
  }
  // As after a kill: the destructor had written it.
  std::filesystem::rename(path() + "/copy", path() + "/spool");
  std::filesystem::remove_all(path() + "/journal");
  EXPECT_EQ(ids_of(path()), ids(0, 50));
  EXPECT_EQ(ids_of(path()), ids(0, 50)) << "reading changes nothing";
  Running next(spec);
  next.keep(50, 60);
  next.ledger.stop();
  EXPECT_EQ(ids_of(path()), ids(0, 60));
  EXPECT_EQ(rows_of(path()), ids(0, 60));
}

TEST_F(LedgerTest, ASpoolThatWasWrittenAlreadyIsNotTakenTwice) {
  {
    Running never_started(spec, false);
    never_started.keep(0, 50);
    std::filesystem::copy(path() + "/spool", path() + "/copy");
  }
  // As after a kill between writing and releasing.
  std::filesystem::rename(path() + "/copy", path() + "/spool");
  EXPECT_EQ(ids_of(path()), ids(0, 50));
  Running next(spec);
  next.keep(50, 60);
  next.ledger.stop();
  EXPECT_EQ(ids_of(path()), ids(0, 60));
}

TEST_F(LedgerTest, ASpoolChangesItsSizeOnceItIsEmpty) {
  {
    Running process(spec);
    process.keep(0, 10);
    process.ledger.stop();
  }
  spec.spool = {2 << 20};
  {
    Running process(spec);
    process.keep(10, 20);
    process.ledger.stop();
  }
  EXPECT_EQ(std::filesystem::file_size(path() + "/spool"), (2U << 20) + Ring::header_bytes);
  EXPECT_EQ(ids_of(path()), ids(0, 20));
}

TEST_F(LedgerTest, ASecondProcessWaitsForTheFirstAndLosesNothing) {
  auto first = std::make_unique<Running>(spec);
  first->keep(0, 100);
  Running second(spec);
  EXPECT_NE(second.ledger.status().journal.find("another process"), std::string::npos)
      << second.ledger.status().journal;
  second.keep(100, 200);
  first->ledger.stop();
  first.reset();
  ASSERT_TRUE(eventually([&] { return second.ledger.status().journal.empty(); }));
  second.keep(200, 300);
  second.ledger.stop();
  EXPECT_EQ(ids_of(path()), ids(0, 300));
  EXPECT_EQ(rows_of(path()), ids(0, 300));
}

TEST_F(LedgerTest, AProcessThatHandsOverGoesOnKeepingRecords) {
  auto first = std::make_unique<Running>(spec);
  first->keep(0, 100);
  Running second(spec);
  second.keep(100, 200);
  first->ledger.hand_over();
  EXPECT_EQ(first->ledger.status().journal, "");
  first->keep(200, 300);
  ASSERT_TRUE(eventually([&] { return second.ledger.status().ok(); }));
  second.keep(300, 400);
  EXPECT_TRUE(eventually([&] { return rows_of(path()).size() == 300; })) << "without those that the first still has";
  first->ledger.stop();
  first.reset();
  EXPECT_TRUE(eventually([&] { return rows_of(path()).size() == 400; }));
  second.ledger.stop();
  Ids found = ids_of(path());
  std::ranges::sort(found);
  Ids all = ids(0, 400);
  std::ranges::sort(all);
  EXPECT_EQ(found, all);
  EXPECT_EQ(Spool::aside_to_read(path()).size(), 0U);
}

TEST_F(LedgerTest, WhatWasLeftAsideIsReadAndTakenUp) {
  {
    Running first(spec);
    first.keep(0, 10);
    first.ledger.hand_over();
    first.keep(10, 20);
    first.ledger.stop();
    EXPECT_EQ(first.counter("triage_ledger_dropped_total", {{"reason", "lost"}}), 0);
  }
  EXPECT_EQ(ids_of(path()), ids(0, 20)) << "as export prints them while no gateway runs";
  EXPECT_EQ(Spool::aside_to_read(path()).size(), 1U);
  Running next(spec);
  EXPECT_TRUE(eventually([&] { return rows_of(path()) == ids(0, 20); }));
  next.ledger.stop();
  EXPECT_EQ(ids_of(path()), ids(0, 20));
}

// Killed between its push to the spool and its release aside, or just before the push.
TEST_F(LedgerTest, ARecordThatWasBeingMovedIsMovedOnce) {
  Ids expected;
  for (const bool pushed : {false, true}) {
    const int at = pushed ? 100 : 0;
    {
      Running first(spec);
      first.keep(at, at + 10);
      first.ledger.hand_over();
      first.keep(at + 10, at + 20);
      first.ledger.stop();
    }
    {
      auto opened = open_folder(path(), spec.spool.bytes);
      ASSERT_TRUE(opened && opened->aside.size() == 1);
      Ring& aside = opened->aside[0]->ring();
      const std::uint64_t seq = opened->last_seq + 1;
      const auto frame = *aside.frame(aside.tail());
      aside.begin_move(seq);
      if (pushed) {
        ASSERT_TRUE(opened->spool->ring().push(std::string(frame.first) + std::string(frame.second), seq));
      }
    }
    const Ids more = ids(at, at + 20);
    expected.insert(expected.end(), more.begin(), more.end());
    EXPECT_EQ(ids_of(path()), expected);
    Running next(spec);
    EXPECT_TRUE(eventually([&] { return rows_of(path()) == expected; }));
    next.ledger.stop();
    EXPECT_EQ(ids_of(path()), expected);
  }
}

TEST_F(LedgerTest, SyncedReturnsWhenTheRecordIsInTheJournal) {
  spec.sync = LedgerSync::each;
  Running process(spec);
  EXPECT_TRUE(process.ledger.syncs_each());
  Loop loop(0);
  int done = 0;
  const auto request = [&](int number) -> Async<void> {
    const std::string id = id_of(number);
    process.ledger.keep(record_now(id));
    co_await process.ledger.synced();
    const Ids found = ids_of(path());
    EXPECT_NE(std::ranges::find(found, id), found.end());
    ++done;
  };
  for (int i = 0; i < 20; ++i) asio::co_spawn(loop.io, request(i), asio::detached);
  loop.io.run_for(std::chrono::seconds(10));
  EXPECT_EQ(done, 20);
}

TEST_F(LedgerTest, SyncedReturnsAlsoWithoutADirectoryAndAfterTheEnd) {
  std::ofstream(path() + "/file") << "in the way";
  spec.dir = path() + "/file/ledger";
  spec.sync = LedgerSync::each;
  Running process(spec);
  Loop loop(0);
  int done = 0;
  const auto request = [&]() -> Async<void> {
    process.ledger.keep(record_now("req_x"));
    co_await process.ledger.synced();
    ++done;
  };
  asio::co_spawn(loop.io, request(), asio::detached);
  loop.io.run_for(std::chrono::seconds(10));
  EXPECT_EQ(done, 1);
  process.ledger.stop();
  loop.io.restart();
  asio::co_spawn(loop.io, request(), asio::detached);
  loop.io.run_for(std::chrono::seconds(10));
  EXPECT_EQ(done, 2);
}

TEST_F(LedgerTest, AContentThatIsTooLongIsLeftOutAndTheRecordKept) {
  Running process(spec);
  const std::string prompt(300'000, 'p');
  const std::string many_escapes(100'000, '\n');
  LedgerRecord record = record_now("req_long");
  record.content = "full";
  record.prompt = prompt;
  process.ledger.keep(record);
  record.id = "req_escapes";
  record.prompt = many_escapes;
  process.ledger.keep(record);
  record.id = "req_fits";
  record.prompt = "hello";
  process.ledger.keep(record);
  process.ledger.stop();
  Database database(database_path(path()), Database::Mode::read);
  EXPECT_EQ(database.number("SELECT count(*) FROM requests WHERE content = 'omitted' AND prompt IS NULL"), 2);
  EXPECT_EQ(database.number("SELECT count(*) FROM requests WHERE content = 'full' AND prompt = 'hello'"), 1);
  EXPECT_EQ(process.counter("triage_ledger_content_omitted_total"), 2);
}

TEST_F(LedgerTest, RowsHaveTheRecordsValues) {
  Running process(spec);
  process.ledger.keep(record_now("req_1", 3));
  process.ledger.stop();
  Database database(database_path(path()), Database::Mode::read);
  const auto one = [&](const std::string& sql) { return database.number("SELECT count(*) FROM " + sql); };
  EXPECT_EQ(
      one("requests WHERE id = 'req_1' AND key = 'checkout' AND class IS NULL AND streamed = 1 AND cancelled = 0 AND "
          "latency_ms = 931.003 AND cost_nano_usd = 3230003 AND signals ->> 'refusal' = 0 AND "
          "chain ->> '$[0].router' = 'heuristic' AND experiment IS NULL AND ttft_ms = 241"),
      1);
  EXPECT_EQ(one("attempts WHERE attempt = 0 AND end = 'failed' AND status = 503 AND ttft_ms IS NULL"), 1);
  EXPECT_EQ(
      one("attempts JOIN requests USING (seq) WHERE attempt = 1 AND attempts.cause = 'retry' AND tokens_input = 812 "
          "AND id = 'req_1'"),
      1);
  EXPECT_EQ(one("rollups WHERE period_s = 60 AND requests = 1 AND attempts = 2 AND retries = 1 AND tokens_input = 812"),
            1);
  EXPECT_EQ(one("rollups WHERE period_s = 3600 AND requests = 1"), 1);
}

}  // namespace
}  // namespace triage::ledger
