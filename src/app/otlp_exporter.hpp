#pragma once
// Follows the journal and sends what it tells of requests to an OpenTelemetry collector, on a thread of its own, which
// does not exist as long as the configuration asks for nothing. What waits is bounded; an export that fails for a
// moment is tried again, twice as late each time. What is not sent is counted, and the journal has it all the same.
//
//   POST {endpoint}/v1/traces, {endpoint}/v1/metrics   content-type: application/json

#include "base/metrics.hpp"
#include "ledger/follower.hpp"
#include "triage/spec.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace triage {

class OtlpExporter final : public ledger::Consumer {
 public:
  /// `loop`: the number of its loop. Requests from before now are not sent.
  OtlpExporter(const std::string& ledger_folder, std::size_t loop, Metrics& metrics);
  ~OtlpExporter() override;

  /// The configuration that is in force from now on. One thread at a time.
  void use(const ConfigSpec& spec);
  /// Sends what waits, for a moment, and ends the thread. To be called when the follower has stopped.
  void stop();

  [[nodiscard]] std::string_view name() const noexcept override { return "the export to OpenTelemetry"; }
  [[nodiscard]] ledger::Checkpoint begin_at() override { return {begin_, 0}; }
  [[nodiscard]] bool wants() const override;
  void take(const ledger::Entry& entry) override;
  void caught_up(const ledger::Checkpoint& reached) override { static_cast<void>(reached); }
  void forget() override {}

 private:
  struct State;
  const ledger::Position begin_;
  const std::shared_ptr<State> state_;
};

}  // namespace triage
