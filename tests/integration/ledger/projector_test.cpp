// Another database beside SQLite's, kept up with the same journal.
#include "ledger/projector.hpp"

#include "integration/ledger/ledger_fixture.hpp"

#include <mutex>
#include <stdexcept>

namespace triage::ledger {
namespace {

// A database in memory, which outlives the projections that are opened on it.
struct Table {
  std::mutex mutex;
  Checkpoint checkpoint;
  std::vector<std::uint64_t> seqs;
  std::vector<std::string> kinds;
  int opened = 0;
  int told = 0;
  int fails = 0;  ///< so many of the next batches
  std::uint64_t retired = 0;
};

class InMemory final : public Projection {
 public:
  explicit InMemory(Table& table) : table_(table), checkpoint_(table.checkpoint) { ++table_.opened; }

  [[nodiscard]] const Checkpoint& checkpoint() const noexcept override { return checkpoint_; }
  void write(Batch& batch) override {
    std::vector<std::uint64_t> seqs;
    std::vector<std::string> kinds;
    const std::lock_guard lock(table_.mutex);
    while (const Entry* const entry = batch.next()) {
      if (seqs.size() == 3 && table_.fails > 0) {
        --table_.fails;
        throw std::runtime_error("the connection is gone");
      }
      seqs.push_back(entry->seq());
      kinds.emplace_back(entry->kind());
    }
    table_.seqs.insert(table_.seqs.end(), seqs.begin(), seqs.end());
    table_.kinds.insert(table_.kinds.end(), kinds.begin(), kinds.end());
    table_.checkpoint = checkpoint_ = batch.reached();
  }
  bool retire(const Outdated& outdated) override {
    table_.retired = outdated.seq;
    return false;
  }
  [[nodiscard]] bool in_place() const override { return true; }

 private:
  Table& table_;
  Checkpoint checkpoint_;
};

ProjectionTarget target_of(Table& table) {
  return {[&] { return std::make_unique<InMemory>(table); }, [&](const std::exception&) { ++table.told; }};
}

std::vector<std::uint64_t> up_to(std::uint64_t last) {
  std::vector<std::uint64_t> all;
  for (std::uint64_t seq = 1; seq <= last; ++seq) all.push_back(seq);
  return all;
}

TEST_F(LedgerTest, ASecondProjectorFollowsTheSameJournal) {
  Table table;
  Metrics metrics;
  Running process(spec);
  Projector second(spec, metrics, target_of(table), 50, [] { return true; });
  second.start();
  for (int i = 0; i < 300; ++i) {
    process.keep(i, i + 1);
    process.ledger.keep(sample_event(id_of(i), static_cast<std::uint64_t>(i)));
  }
  EXPECT_TRUE(eventually([&] {
    const std::lock_guard lock(table.mutex);
    return table.seqs.size() == 600;
  }));
  process.ledger.stop();
  second.stop(milliseconds(1000));
  EXPECT_EQ(table.seqs, up_to(600));
  EXPECT_EQ(std::ranges::count(table.kinds, "request"), 300);
  EXPECT_EQ(std::ranges::count(table.kinds, "feedback"), 100);
  EXPECT_EQ(rows_of(path()), ids(0, 300));
  EXPECT_EQ(table.opened, 1);
}

TEST_F(LedgerTest, ABatchThatFailsIsWrittenAgainFromTheCheckpoint) {
  Table table;
  table.fails = 1;
  {
    Running process(spec);
    process.keep(0, 120);
    process.ledger.stop();
  }
  Metrics metrics;
  Projector projector(spec, metrics, target_of(table), 50, [] { return true; });
  projector.start();
  EXPECT_TRUE(eventually([&] {
    const std::lock_guard lock(table.mutex);
    return table.seqs.size() == 120;
  }));
  projector.stop(milliseconds(0));
  EXPECT_EQ(table.seqs, up_to(120));
  EXPECT_EQ(table.opened, 2);
  EXPECT_EQ(table.told, 1);
  EXPECT_EQ(projector.problem(), "");
}

}  // namespace
}  // namespace triage::ledger
