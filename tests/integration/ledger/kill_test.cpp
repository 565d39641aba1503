// kill -9 at random moments: nothing that keep() took is lost, nothing is doubled. tests/bench/ledger_kill.cpp does it
// 200 times.
#include "integration/ledger/kill_loop.hpp"

#include <gtest/gtest.h>

namespace triage::ledger {
namespace {

TEST(KilledLedger, LosesAndDoublesNothing) {
  const TemporaryFolder folder;
  KillOptions options;
  options.spec = small_ledger(folder.path());
  const KillResult result = run_kills(options);
  EXPECT_TRUE(result.clean()) << to_string(result);
  EXPECT_GT(result.reported, 1000U) << to_string(result);
  std::printf("%s\n", to_string(result).c_str());
}

TEST(KilledLedger, LosesNothingWhileOldRecordsAreRemoved) {
  const TemporaryFolder folder;
  KillOptions options;
  options.seed = 2;
  options.spec = small_ledger(folder.path());
  options.spec.retain_bytes = {512 << 10};
  options.removes = true;
  const KillResult result = run_kills(options);
  EXPECT_EQ(result.lost_journal + result.doubled_journal + result.doubled_database + result.damaged_lines, 0U)
      << to_string(result);
  EXPECT_LT(result.in_journal, result.reported);
}

TEST(KilledLedger, LosesNothingWhenItSyncsOften) {
  const TemporaryFolder folder;
  KillOptions options;
  options.kills = 6;
  options.seed = 3;
  options.spec = small_ledger(folder.path());
  options.spec.sync = LedgerSync::interval;
  options.spec.sync_every = milliseconds(10);
  const KillResult result = run_kills(options);
  EXPECT_TRUE(result.clean()) << to_string(result);
}

TEST(KilledLedger, LosesAndDoublesNothingWhileOneProcessHandsOverToTheNext) {
  const TemporaryFolder folder;
  KillOptions options;
  options.seed = 4;
  options.hands_over = true;
  options.spec = small_ledger(folder.path());
  const KillResult result = run_kills(options);
  EXPECT_TRUE(result.clean()) << to_string(result);
  EXPECT_GT(result.reported, 1000U) << to_string(result);
  EXPECT_TRUE(Spool::aside_to_read(folder.path()).empty());
  std::printf("%s\n", to_string(result).c_str());
}

}  // namespace
}  // namespace triage::ledger
