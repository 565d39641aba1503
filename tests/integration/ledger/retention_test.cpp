// What leaves a ledger, and what must not: files that somebody takes away, clocks that jump.
#include "ledger/retention.hpp"
#include "integration/ledger/ledger_fixture.hpp"
#include "ledger/audit.hpp"
#include "ledger/folder.hpp"
#include "ledger/rebuild.hpp"

namespace triage::ledger {
namespace {

using std::chrono::hours;

class Leaving : public LedgerTest {
 protected:
  // Rows are retired with the projector's first batch: what is there behind it stays.
  [[nodiscard]] bool all_rows(int count) const {
    return eventually([&] { return rows_of(path()).size() >= static_cast<std::size_t>(count); });
  }
  // As logrotate does: all files but the newest.
  int move_files_away() const {
    std::filesystem::create_directory(path() + "/old");
    const auto segments = segments_of(path());
    for (std::size_t i = 0; i + 1 < segments.size(); ++i) {
      const std::string from = segment_path(path(), segments[i].number);
      std::filesystem::rename(from, path() + "/old/" + std::to_string(segments[i].number));
    }
    return static_cast<int>(segments.size()) - 1;
  }
};

TEST_F(Leaving, ADatabaseKeepsTheRowsOfFilesThatWereMovedAway) {
  {
    Running process(spec);
    process.keep(0, 300);
    process.ledger.stop();
  }
  const int moved = move_files_away();
  ASSERT_GT(moved, 2);
  Running process(spec);
  process.keep(300, 310);
  EXPECT_TRUE(all_rows(310));
  process.ledger.stop();
  EXPECT_EQ(rows_of(path()), ids(0, 310));
  EXPECT_EQ(process.gauge("triage_ledger_missing_files"), moved);
  const Audit found = audit(path());
  EXPECT_FALSE(found.ok());
  EXPECT_EQ(found.missing_files, static_cast<std::uint64_t>(moved));
  EXPECT_EQ(found.missing_names, "00000001.jsonl to 0000000" + std::to_string(moved) + ".jsonl");
  EXPECT_GT(found.missing, 100U);
  EXPECT_EQ(found.rows_unknown, found.missing);
  EXPECT_EQ(found.missing + found.lines, 310U);
}

TEST_F(Leaving, ARebuildSaysWhatItDropsAndKeepsIt) {
  {
    Running process(spec);
    process.keep(0, 300);
    process.ledger.stop();
  }
  const Rebuilt whole = rebuild(path());
  EXPECT_EQ(whole.lines, 300U);
  EXPECT_EQ(whole.dropped_rows + whole.dropped_requests, 0U);
  EXPECT_EQ(whole.kept_as, "");
  move_files_away();
  const Rebuilt done = rebuild(path());
  EXPECT_EQ(done.lines + done.dropped_rows, 300U);
  EXPECT_GT(done.dropped_rows, 100U);
  EXPECT_EQ(done.dropped_requests, 0U);
  EXPECT_EQ(rows_of(path()).size(), done.lines);
  Database before(done.kept_as, Database::Mode::read);
  EXPECT_EQ(before.number("SELECT count(*) FROM requests"), 300);
}

TEST_F(Leaving, ARebuildSaysThatSumsGoToo) {
  {
    Running process(spec);
    process.keep(0, 300);
    process.ledger.stop();
  }
  {
    Database database(database_path(path()), Database::Mode::write);
    database.execute("DELETE FROM requests WHERE seq <= 100");
  }
  std::filesystem::remove(segment_path(path(), 1));
  const Rebuilt done = rebuild(path());
  EXPECT_EQ(done.dropped_requests + done.dropped_rows + done.lines, 300U);
  EXPECT_GT(done.dropped_requests, 0U);
}

TEST_F(Leaving, ARebuildReplacesADatabaseThatCannotBeRead) {
  {
    Running process(spec);
    process.keep(0, 10);
    process.ledger.stop();
  }
  std::ofstream(database_path(path()), std::ios::binary) << "no database";
  const Rebuilt done = rebuild(path());
  EXPECT_EQ(rows_of(path()), ids(0, 10));
  EXPECT_NE(done.before_problem, "");
  EXPECT_TRUE(std::filesystem::exists(done.kept_as));
}

TEST_F(Leaving, TheNewestFileMovedAwayCostsNothing) {
  Running process(spec);
  process.keep(0, 20);
  ASSERT_TRUE(all_rows(20));
  std::filesystem::rename(newest_segment(), path() + "/rotated");
  process.keep(20, 40);
  EXPECT_TRUE(all_rows(40));
  process.ledger.stop();
  EXPECT_EQ(rows_of(path()), ids(0, 40));
  EXPECT_EQ(ids_of(path()), ids(20, 40));
  EXPECT_EQ(process.counter("triage_ledger_disturbed_total"), 1);
  EXPECT_EQ(audit(path()).missing, 20U);
}

// copytruncate of logrotate.
TEST_F(Leaving, WhatFollowsAFileThatWasCutReachesTheDatabase) {
  for (const bool restarted : {false, true}) {
    SCOPED_TRACE(restarted);
    const TemporaryFolder here;
    spec = small_ledger(here.path());
    auto process = std::make_unique<Running>(spec);
    process->keep(0, 20);
    ASSERT_TRUE(eventually([&] { return rows_of(here.path()).size() == 20; }));
    std::filesystem::resize_file(segment_path(here.path(), 1), 0);
    if (restarted) {
      process->ledger.stop();
      process = std::make_unique<Running>(spec);
    }
    process->keep(20, 40);
    EXPECT_TRUE(eventually([&] { return rows_of(here.path()).size() == 40; }));
    process->ledger.stop();
    EXPECT_EQ(rows_of(here.path()), ids(0, 40));
    EXPECT_EQ(process->counter("triage_ledger_disturbed_total"), restarted ? 0 : 1);
    const Audit found = audit(here.path());
    EXPECT_FALSE(found.ok());
    EXPECT_EQ(found.missing, 20U);
    EXPECT_EQ(found.rows_unknown, 20U);
  }
}

// Cut between the writer's look and its write.
TEST_F(Leaving, AReaderFindsWhatWasWrittenToAFileThatWasCut) {
  const std::string path = folder.path() + "/00000001.jsonl";
  std::string lines;
  for (std::uint64_t seq = 1; seq <= 20; ++seq) append_line(lines, R"({"v":1,"id":"req_x")", seq);
  std::ofstream(path, std::ios::binary) << lines;
  SegmentReader reader(path);
  Line line;
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(reader.next(line, false));
  EXPECT_FALSE(reader.next(line, false));
  std::string more;
  append_line(more, R"({"v":1,"id":"req_y")", 21);
  std::ofstream(path, std::ios::binary | std::ios::trunc) << more;
  ASSERT_TRUE(reader.next(line, false));
  EXPECT_EQ(line.seq, 21U);
  EXPECT_FALSE(reader.next(line, false));
}

TEST_F(Leaving, LinesThatTheJournalLacksAreCounted) {
  {
    Running process(spec);
    process.keep(0, 300);
    process.ledger.stop();
  }
  std::filesystem::remove(database_path(path()));
  const auto segments = segments_of(path());
  ASSERT_GT(segments.size(), 3U);
  std::filesystem::remove(segment_path(path(), segments[1].number));
  Running process(spec);
  EXPECT_TRUE(eventually([&] { return process.counter("triage_ledger_missing_total") > 10; }));
  process.ledger.stop();
  EXPECT_EQ(process.gauge("triage_ledger_missing_files"), 1);
  EXPECT_EQ(audit(path()).missing, static_cast<std::uint64_t>(process.counter("triage_ledger_missing_total")));
}

// All that is there was written forty days ago by the clock of now, which jumped.
TEST_F(Leaving, AClockThatJumpsForwardErasesNothing) {
  {
    Running process(spec);
    process.keep(0, 300);
    process.ledger.stop();
    Database database(database_path(path()), Database::Mode::write);
    database.execute(
        "UPDATE requests SET time_unix_ms = time_unix_ms - 40 * 86400000;"
        "UPDATE rollups SET start_unix_s = start_unix_s - 40 * 86400");
  }
  const auto segments = segments_of(path());
  for (const Segment& segment : segments)
    age(segment.number, hours(24 * 40) - std::chrono::minutes(static_cast<int>(segment.number)));
  for (int start = 0; start < 2; ++start) {
    Running process(spec);
    process.keep(300 + start * 10, 310 + start * 10);
    EXPECT_TRUE(all_rows(310 + start * 10));
    EXPECT_TRUE(eventually([&] { return process.gauge("triage_ledger_overdue_files") > 0; }));
    process.ledger.stop();
    EXPECT_EQ(process.gauge("triage_ledger_overdue_files"), static_cast<std::int64_t>(segments.size()));
  }
  EXPECT_EQ(ids_of(path()), ids(0, 320));
  EXPECT_EQ(rows_of(path()), ids(0, 320));
  EXPECT_TRUE(audit(path()).ok());
  Database database(database_path(path()), Database::Mode::read);
  EXPECT_EQ(database.number("SELECT sum(requests) FROM rollups WHERE period_s = 3600"), 320);
}

// A stream of a day, say: its file is kept, so its row is.
TEST_F(Leaving, ARowStaysAsLongAsItsLine) {
  Running process(spec);
  LedgerRecord record = record_now("req_0");
  record.time_unix_ms -= std::chrono::duration_cast<milliseconds>(hours(24 * 40)).count();
  process.ledger.keep(record);
  process.keep(1, 10);
  EXPECT_TRUE(all_rows(10));
  process.ledger.stop();
  EXPECT_EQ(rows_of(path()), ids(0, 10));
  EXPECT_TRUE(audit(path()).ok());
}

TEST_F(Leaving, RowsWhoseFileIsGoneGoByAge) {
  {
    Running process(spec);
    process.keep(0, 300);
    process.ledger.stop();
    Database database(database_path(path()), Database::Mode::write);
    database.execute("UPDATE requests SET time_unix_ms = time_unix_ms - 40 * 86400000 WHERE seq <= 50");
  }
  move_files_away();
  Running process(spec);
  process.keep(300, 310);
  EXPECT_TRUE(eventually([&] { return rows_of(path()) == ids(50, 310); })) << rows_of(path()).size();
}

TEST_F(Leaving, AJournalThatIsIdleTellsThatTimePassed) {
  const auto age = milliseconds(20);
  Journal journal({path(), 1 << 20, age, false}, 1);
  for (std::uint64_t seq = 1; seq <= 3; ++seq) {
    std::string line;
    append_line(line, R"({"v":1,"id":"req_x")", seq);
    journal.append(line);
    for (int idle = 0; idle < 2; ++idle) {
      journal.end_if_old();
      std::this_thread::sleep_for(age);
      journal.end_if_old();
    }
  }
  EXPECT_GE(segments_of(path()).size(), 6U);
  JournalReader reader(path());
  std::uint64_t seq = 0;
  for (Line line; reader.next(line, true);) EXPECT_EQ(line.seq, ++seq);
  EXPECT_EQ(seq, 3U) << "files without a line are passed over";
  EXPECT_EQ(journal_end(path()).last_seq, 3U);
}

TEST_F(Leaving, WhatTheLedgerRemovedItselfIsNotMissing) {
  spec.retain_bytes = {200 << 10};
  spec.spool = {4 << 20};  // room for all of them, however slow the writer is
  {
    Running process(spec);
    for (int i = 0; i < 20; ++i) {
      process.keep(i * 50, i * 50 + 50);
      std::this_thread::sleep_for(milliseconds(10));
    }
    process.ledger.stop();
    EXPECT_EQ(process.dropped(), 0);
    EXPECT_EQ(process.gauge("triage_ledger_missing_files"), 0);
  }
  ASSERT_GT(segments_of(path()).front().number, 1U);
  const auto retired = read_retired(path());
  ASSERT_TRUE(retired);
  EXPECT_EQ(retired->segment, segments_of(path()).front().number - 1);
  EXPECT_EQ(retired->seq + ids_of(path()).size(), 1000U);
  EXPECT_TRUE(audit(path()).ok());
  // A ledger from before DIR/retired was: what is not there was removed by it.
  std::filesystem::remove(path() + "/retired");
  EXPECT_TRUE(audit(path()).ok());
  spec.retain_bytes = {1 << 30};  // what the journal grew by since it was last looked at stays
  Running next(spec);
  next.ledger.stop();
  ASSERT_TRUE(read_retired(path()));
  EXPECT_EQ(read_retired(path())->seq, retired->seq);
  EXPECT_EQ(next.gauge("triage_ledger_missing_files"), 0);
}

TEST_F(Leaving, MissingFilesAreNamed) {
  const auto missing = [](std::vector<std::uint64_t> numbers, std::uint64_t retired) {
    std::vector<Segment> segments;
    for (const std::uint64_t number : numbers) segments.push_back({number, 1, 1});
    return missing_files(segments, {retired, 0});
  };
  EXPECT_EQ(missing({1, 2, 3}, 0).count, 0U);
  EXPECT_EQ(missing({3, 4}, 2).count, 0U);
  EXPECT_EQ(missing({2, 4}, 2).count, 1U);
  EXPECT_EQ(missing({}, 2).count, 0U);
  const MissingFiles found = missing({4, 6, 9}, 1);
  EXPECT_EQ(found.count, 5U);
  EXPECT_EQ(found.names, "00000002.jsonl to 00000003.jsonl, 00000005.jsonl, 00000007.jsonl to 00000008.jsonl");
}

TEST_F(Leaving, ADirectoryIsALedgerOnlyIfThereIsOneInIt) {
  EXPECT_FALSE(is_ledger(path()));
  std::filesystem::create_directories(path() + "/journal");  // as /var/log has
  std::filesystem::create_directories(path() + "/spool");    // as /var has
  std::ofstream(path() + "/journal/system.log") << "x";
  EXPECT_FALSE(is_ledger(path()));
  std::filesystem::remove(path() + "/spool");
  for (const std::string name : {"/spool", "/journal/00000001.jsonl", "/ledger.db"}) {
    std::ofstream(path() + name).close();
    EXPECT_FALSE(is_ledger(path())) << "an empty file, " << name;
    std::ofstream(path() + name) << "somebody else's\n";
    EXPECT_FALSE(is_ledger(path())) << name;
    std::filesystem::remove(path() + name);
  }
  { Database(database_path(path()), Database::Mode::write).execute("CREATE TABLE theirs (id)"); }
  EXPECT_FALSE(is_ledger(path())) << "another program's database";
  std::filesystem::remove(database_path(path()));
  {
    Running process(spec);
    EXPECT_TRUE(is_ledger(path())) << "before the first record";
    process.keep(0, 1);
    process.ledger.stop();
  }
  std::filesystem::remove(database_path(path()));
  for (const char* name : {"/spool", "/lock", "/retired"}) std::filesystem::remove(path() + name);
  EXPECT_TRUE(is_ledger(path())) << "a restored journal";
}

}  // namespace
}  // namespace triage::ledger
