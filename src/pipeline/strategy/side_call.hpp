#pragma once
// A call made for a request besides the one that its client waits for. Its answer is held. To providers and breakers it
// is a call like any other.

#include "pipeline/answer/hold.hpp"
#include "pipeline/attempt/attempts.hpp"

#include <memory>
#include <optional>
#include <vector>

namespace triage {

/// Cannot be moved. All arguments must outlive it.
class SideCall final : public AttemptPath {
 public:
  /// `scope.client.gone` ends it.
  SideCall(const Scope& scope, Trail& trail, std::vector<Target> targets);

  /// Asks the targets until one has answered or none is left.
  Async<void> run();

  /// Null: the call failed.
  [[nodiscard]] const Hold* answer() const noexcept { return hold_.get(); }
  [[nodiscard]] MaybeFailure& failure() noexcept { return failure_; }
  /// The call's rows of the trail, in order.
  [[nodiscard]] const std::vector<std::size_t>& rows() const noexcept { return rows_; }
  /// The cost of all of them; nothing if one has no known price.
  [[nodiscard]] std::optional<std::int64_t> cost() const noexcept { return trail_.cost_of(rows_); }

  AttemptCall call(const Target& target) override;
  void asked(std::size_t row) override { rows_.push_back(row); }

 private:
  const Scope& scope_;
  Trail& trail_;
  const std::vector<Target> targets_;
  std::unique_ptr<Attempt> attempt_;
  std::unique_ptr<Hold> hold_;
  MaybeFailure failure_;
  std::vector<std::size_t> rows_;
};

}  // namespace triage
