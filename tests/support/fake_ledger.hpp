#pragma once
// A ledger that keeps its records in memory, as the JSON of their journal lines.

#include "support/sample_record.hpp"
#include "triage/ledger.hpp"

#include <nlohmann/json.hpp>

#include <vector>

namespace triage::test {

class FakeLedger final : public Ledger {
 public:
  std::vector<nlohmann::json> records;
  std::vector<nlohmann::json> events;

  void keep(const LedgerRecord& record) override { records.push_back(nlohmann::json::parse(ledger::json_of(record))); }
  bool keep(const LedgerEvent& event) override {
    events.push_back(nlohmann::json::parse(ledger::json_of(event)));
    return true;
  }
  [[nodiscard]] bool syncs_each() const noexcept override { return false; }
  Async<void> synced() override { co_return; }
};

}  // namespace triage::test
