// What can go wrong with files. Nothing of it may slow keep(), nothing may be lost but what is counted as dropped, and
// the ledger goes on by itself.
#include "integration/ledger/ledger_fixture.hpp"
#include "ledger/audit.hpp"
#include "ledger/rebuild.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>

namespace triage::ledger {
namespace {

constexpr int skip_code = 77;

void overwrite(const std::string& file, std::size_t at, const std::string& bytes) {
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  stream.seekp(static_cast<std::streamoff>(at));
  stream << bytes;
}

std::string contents(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST_F(LedgerTest, WithoutADirectoryRecordsWaitInMemory) {
  std::ofstream(path() + "/file") << "in the way";
  spec.dir = path() + "/file/ledger";
  Running process(spec);
  process.keep(0, 100);
  EXPECT_NE(process.ledger.status().journal.find("file"), std::string::npos);
  std::filesystem::remove(path() + "/file");
  ASSERT_TRUE(eventually([&] { return process.ledger.status().ok(); }));
  process.keep(100, 200);
  process.ledger.stop();
  EXPECT_EQ(ids_of(spec.dir), ids(0, 200));
  EXPECT_EQ(rows_of(spec.dir), ids(0, 200));
}

TEST_F(LedgerTest, WithoutADirectoryToTheEndTheLossIsCounted) {
  std::ofstream(path() + "/file") << "in the way";
  spec.dir = path() + "/file/ledger";
  Running process(spec);
  process.keep(0, 100);
  process.ledger.stop();
  EXPECT_EQ(process.counter("triage_ledger_dropped_total", {{"reason", "lost"}}), 100);
}

TEST_F(LedgerTest, ADirectoryThatIsRemovedIsMadeAgain) {
  Running process(spec);
  process.keep(0, 100);
  ASSERT_TRUE(eventually([&] { return rows_of(path()).size() == 100; }));
  std::filesystem::remove_all(path());
  process.keep(100, 200);
  ASSERT_TRUE(eventually([&] { return std::filesystem::exists(path() + "/spool"); }));
  process.keep(200, 300);
  process.ledger.stop();
  EXPECT_EQ(ids_of(path()), ids(100, 300));
  EXPECT_EQ(rows_of(path()), ids(100, 300));
}

TEST_F(LedgerTest, ADeletedDatabaseIsMadeAnewWhileRunning) {
  Running process(spec);
  process.keep(0, 300);
  ASSERT_TRUE(eventually([&] { return rows_of(path()).size() == 300; }));
  for (const char* part : {"", "-wal", "-shm"}) std::filesystem::remove(database_path(path()) + part);
  process.keep(300, 400);
  EXPECT_TRUE(eventually([&] { return rows_of(path()) == ids(0, 400); }));
  EXPECT_TRUE(process.ledger.status().ok());
}

TEST_F(LedgerTest, ADamagedDatabaseIsPutAsideAndMadeAnew) {
  {
    Running process(spec);
    process.keep(0, 300);
    process.ledger.stop();
  }
  for (const std::string& damage : {std::string(4096, 'x'), std::string(100'000, '\0'), std::string("no database")}) {
    overwrite(database_path(path()), 0, damage);
    Running process(spec);
    EXPECT_TRUE(eventually([&] { return rows_of(path()) == ids(0, 300); }));
    process.ledger.stop();
    EXPECT_TRUE(std::filesystem::exists(database_path(path()) + ".damaged"));
  }
  std::filesystem::resize_file(database_path(path()), std::filesystem::file_size(database_path(path())) / 2);
  Running process(spec);
  process.keep(300, 310);
  EXPECT_TRUE(eventually([&] { return rows_of(path()) == ids(0, 310); }));
  process.ledger.stop();
  EXPECT_TRUE(audit(path()).ok());
}

TEST_F(LedgerTest, ADatabaseThatCannotBeWrittenDoesNotStopTheJournal) {
  std::filesystem::create_directories(database_path(path()));  // a directory of that name
  Running process(spec);
  process.keep(0, 100);
  ASSERT_TRUE(eventually([&] { return process.ledger.status().database != ""; }));
  EXPECT_EQ(process.ledger.status().journal, "");
  ASSERT_TRUE(eventually([&] { return process.counter("triage_ledger_lines_total") == 100; }));
  std::filesystem::remove(database_path(path()));
  EXPECT_TRUE(eventually([&] { return rows_of(path()) == ids(0, 100); }));
  EXPECT_TRUE(eventually([&] { return process.ledger.status().database.empty(); }));
}

TEST_F(LedgerTest, ATornTailCostsThatRecordAndIsSeen) {
  {
    Running process(spec);
    process.keep(0, 10);
    process.ledger.stop();
  }
  const std::string segment = newest_segment();
  std::filesystem::resize_file(segment, std::filesystem::file_size(segment) - 30);
  std::filesystem::remove(database_path(path()));
  {
    Running process(spec);
    process.keep(10, 20);
    process.ledger.stop();
    EXPECT_EQ(process.counter("triage_ledger_torn_total"), 1);
  }
  Ids expected = ids(0, 9);
  for (const std::string& id : ids(10, 20)) expected.push_back(id);
  EXPECT_EQ(ids_of(path()), expected);
  EXPECT_EQ(rows_of(path()), expected);
  const Audit found = audit(path());
  EXPECT_EQ(found.torn, 1U);
  EXPECT_EQ(found.damaged, 0U);
  EXPECT_EQ(found.missing, 1U);
  EXPECT_FALSE(found.ok());
}

TEST_F(LedgerTest, ADamagedLineInTheMiddleCostsOnlyItself) {
  spec.segment = {1 << 20};
  {
    Running process(spec);
    process.keep(0, 100);
    process.ledger.stop();
  }
  EXPECT_TRUE(audit(path()).ok());
  const std::string text = contents(newest_segment());
  overwrite(newest_segment(), text.find("\"req_50\"") + 30, "@@@");
  Ids expected = ids(0, 50);
  for (const std::string& id : ids(51, 100)) expected.push_back(id);
  EXPECT_EQ(ids_of(path()), expected);
  const Audit found = audit(path());
  EXPECT_EQ(found.damaged, 1U);
  EXPECT_EQ(found.missing, 1U);
  EXPECT_EQ(found.lines, 99U);
  ASSERT_EQ(found.places.size(), 1U);
  EXPECT_NE(found.places[0].find("00000001.jsonl, behind byte "), std::string::npos) << found.places[0];
  EXPECT_EQ(found.rows_unknown, 1U) << "the database still has it";
  EXPECT_EQ(rebuild(path()).lines, 99U);
  EXPECT_EQ(rows_of(path()), expected);
}

// A power cut may take the journal's end and leave the database's.
TEST_F(LedgerTest, ADatabaseThatIsAheadOfTheJournalTakesWhatFollows) {
  {
    Running process(spec);
    process.keep(0, 40);
    process.ledger.stop();
  }
  const std::string text = contents(newest_segment());
  std::filesystem::resize_file(newest_segment(), text.find("\"req_30\"") - 12);
  std::filesystem::remove(path() + "/spool");
  Running process(spec);
  process.keep(40, 60);
  process.ledger.stop();
  Ids expected = ids(0, 30);
  for (const std::string& id : ids(40, 60)) expected.push_back(id);
  EXPECT_EQ(ids_of(path()), expected);
  EXPECT_EQ(rows_of(path()), ids(0, 60));
  const Audit found = audit(path());
  EXPECT_EQ(found.missing, 10U);
  EXPECT_EQ(found.rows_unknown, 10U);
}

TEST_F(LedgerTest, OthersMayReadNothing) {
  spec.dir = path() + "/above/ledger";
  Running process(spec);
  process.keep(0, 10);
  ASSERT_TRUE(eventually([&] { return rows_of(spec.dir).size() == 10; }));
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path() + "/above/ledger"))
    EXPECT_EQ(entry.status().permissions() & std::filesystem::perms::others_all, std::filesystem::perms::none) << entry;
  EXPECT_EQ(std::filesystem::status(spec.dir).permissions() & std::filesystem::perms::others_all,
            std::filesystem::perms::none);
}

TEST_F(LedgerTest, RebuildRefusesBesideAGateway) {
  Running process(spec);
  process.keep(0, 10);
  EXPECT_THROW(rebuild(path()), std::runtime_error);
}

TEST_F(LedgerTest, AFullSpoolDropsAndCountsAndTheGapIsSeen) {
  spec.spool = {64 << 10};
  Running process(spec, false);
  process.keep(0, 200);
  const std::int64_t dropped = process.dropped();
  EXPECT_GT(dropped, 100);
  process.ledger.start();
  ASSERT_TRUE(eventually([&] { return process.counter("triage_ledger_lines_total") == 200 - dropped; }));
  process.keep(200, 210);
  process.ledger.stop();
  Ids expected = ids(0, 200 - static_cast<int>(dropped));
  for (const std::string& id : ids(200, 210)) expected.push_back(id);
  EXPECT_EQ(ids_of(path()), expected);
  EXPECT_EQ(audit(path()).missing, static_cast<std::uint64_t>(dropped));
}

TEST_F(LedgerTest, ADamagedSpoolIsPutAside) {
  {
    Running process(spec);
    process.keep(0, 10);
    process.ledger.stop();
  }
  overwrite(path() + "/spool", 0, "garbage!");
  Running process(spec);
  process.keep(10, 20);
  process.ledger.stop();
  EXPECT_TRUE(std::filesystem::exists(path() + "/spool.damaged"));
  EXPECT_EQ(ids_of(path()), ids(0, 20));
}

// A file system of its own for one child process.
bool mount_small(const std::string& at, const char* options) {
  const bool alone = unshare(CLONE_NEWNS) == 0 || unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0;
  return alone && mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         mount("tmpfs", at.c_str(), "tmpfs", 0, options) == 0;
}

// Fills what is left of the file system; returns the file that does.
std::string fill_up(const std::string& folder) {
  const std::string file = folder + "/filler";
  std::ofstream out(file, std::ios::binary);
  const std::string block(4096, 'f');
  while (out.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
  }
  return file;
}

void fill_and_free(const LedgerSpec& spec) {
  Running process(spec);
  process.keep(0, 100);
  EXPECT_TRUE(eventually([&] { return rows_of(spec.dir).size() == 100; }));
  const std::string filler = fill_up(spec.dir);
  double slowest = 0;
  for (int i = 100; i < 3000; ++i) {
    const auto before = std::chrono::steady_clock::now();
    process.keep(i, i + 1);
    slowest = std::max(slowest, std::chrono::duration<double>(std::chrono::steady_clock::now() - before).count());
  }
  EXPECT_TRUE(eventually([&] { return !process.ledger.status().journal.empty(); }));
  EXPECT_NE(process.ledger.status().journal.find("No space left"), std::string::npos)
      << process.ledger.status().journal;
  const std::int64_t dropped = process.dropped();
  EXPECT_GT(dropped, 0);
  EXPECT_LT(slowest, 2) << "keep() waited";
  std::filesystem::remove(filler);
  EXPECT_TRUE(eventually([&] { return process.ledger.status().ok(); }));
  process.keep(3000, 3100);
  process.ledger.stop();
  const Ids kept = ids_of(spec.dir);
  EXPECT_EQ(static_cast<std::int64_t>(kept.size()), 3100 - process.dropped());
  EXPECT_EQ(rows_of(spec.dir), kept);
  EXPECT_EQ(kept.back(), id_of(3099));
  const Audit found = audit(spec.dir);
  EXPECT_EQ(found.damaged + found.repeated, 0U);
  EXPECT_EQ(found.missing, static_cast<std::uint64_t>(process.dropped()));
}

TEST_F(LedgerTest, AFullDiskCostsWhatTheSpoolCannotHold) {
  spec.spool = {256 << 10};
  const int code = in_child([&] {
    if (!mount_small(path(), "size=4m")) _exit(skip_code);
    fill_and_free(spec);
  });
  if (code == skip_code) GTEST_SKIP() << "no file system may be mounted here";
  EXPECT_EQ(code, 0);
}

TEST_F(LedgerTest, AFullDiskAtTheStartIsFoundThen) {
  const int code = in_child([&] {
    if (!mount_small(path(), "size=512k")) _exit(skip_code);  // less than the spool
    Running process(spec);
    EXPECT_NE(process.ledger.status().journal.find("No space left"), std::string::npos);
    process.keep(0, 100);
    EXPECT_EQ(mount("none", path().c_str(), nullptr, MS_REMOUNT, "size=4m"), 0);
    EXPECT_TRUE(eventually([&] { return process.ledger.status().ok(); }));
    process.ledger.stop();
    EXPECT_EQ(ids_of(path()), ids(0, 100));
  });
  if (code == skip_code) GTEST_SKIP() << "no file system may be mounted here";
  EXPECT_EQ(code, 0);
}

TEST_F(LedgerTest, AReadOnlyDirectoryIsWaitedFor) {
  const int code = in_child([&] {
    if (!mount_small(path(), "size=4m")) _exit(skip_code);
    EXPECT_EQ(mount("none", path().c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr), 0);
    Running process(spec);
    EXPECT_NE(process.ledger.status().journal.find("Read-only"), std::string::npos) << process.ledger.status().journal;
    process.keep(0, 100);
    EXPECT_EQ(mount("none", path().c_str(), nullptr, MS_REMOUNT, nullptr), 0);
    EXPECT_TRUE(eventually([&] { return process.ledger.status().ok(); }));
    process.ledger.stop();
    EXPECT_EQ(ids_of(path()), ids(0, 100));
    EXPECT_EQ(rows_of(path()), ids(0, 100));
  });
  if (code == skip_code) GTEST_SKIP() << "no file system may be mounted here";
  EXPECT_EQ(code, 0);
}

}  // namespace
}  // namespace triage::ledger
