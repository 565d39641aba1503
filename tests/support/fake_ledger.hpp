#pragma once
// A ledger that keeps its records in memory, as the JSON of their journal lines.

#include "ledger/record_json.hpp"
#include "triage/ledger.hpp"

#include <nlohmann/json.hpp>

#include <vector>

namespace triage::test {

class FakeLedger final : public Ledger {
 public:
  std::vector<nlohmann::json> records;

  void keep(const LedgerRecord& record) override {
    std::string line;
    ledger::append_record(line, record);
    records.push_back(nlohmann::json::parse(line + "}"));
  }
  [[nodiscard]] bool syncs_each() const noexcept override { return false; }
  Async<void> synced() override { co_return; }
};

}  // namespace triage::test
