#pragma once
// A stream that breaks off after the client has its beginning, gone on with by another attempt:
//
//   sent on --the provider cuts it off--> another attempt's events
//                                           |-- what the client has is left out
//                                           '-- all else goes on, as of the same stream
//
// `splice` asks for the same again, `prefill` to go on with what was sent. Only plain text of one choice can be gone on
// with; what was sent is kept within limits.held and limits.held_total.

#include "base/buffer.hpp"
#include "openai/event_edit.hpp"
#include "pipeline/answer/continuation.hpp"
#include "pipeline/attempt/attempts.hpp"

#include <memory>
#include <optional>
#include <string>

namespace triage {

class Rescue final : public AnswerStream {
 public:
  /// `stream` is what the client gets of `first`, in plain events; both must outlive this. `drop_logprobs`: the client
  /// does not get them.
  Rescue(const Scope& scope, Trail& trail, Attempts& attempts, Attempt& first, AnswerStream& stream,
         bool drop_logprobs);
  Rescue(const Rescue&) = delete;
  Rescue& operator=(const Rescue&) = delete;
  ~Rescue() override { forget(); }

  Result<const AnswerEvent*> next() override;
  [[nodiscard]] bool ended() const noexcept override;
  Async<Result<void>> wait() override;
  void cancel() override;
  [[nodiscard]] std::size_t row() const noexcept override { return row_; }

  /// Whose connection is to be drained at the end.
  [[nodiscard]] Attempt& last() noexcept { return second_ ? *second_ : first_; }

 private:
  void account();
  void forget();
  [[nodiscard]] bool possible() const;
  [[nodiscard]] bool takes(const Target& target) const;
  const ApiRequest* to_ask();
  Async<Result<void>> resume();
  Result<const AnswerEvent*> next_fitted();
  Result<bool> fit(const AnswerEvent& event);
  Error refused(std::string why);
  Error refused_for_its_end();
  Error give_up();

  const Scope& scope_;
  Trail& trail_;
  Attempts& attempts_;
  Attempt& first_;
  AnswerStream& stream_;
  bool prefill_;
  const bool drop_logprobs_;
  std::size_t row_;
  std::size_t counted_ = 0;  // bytes of what was sent, in Snapshot::held
  bool no_room_ = false;
  std::optional<Failure> cut_;                // why the first broke off
  std::optional<Continuation> continuation_;  // from then on
  std::string sent_;
  std::unique_ptr<Attempt> second_;
  Buffer asked_bytes_;
  std::optional<ApiRequest> asked_;
  AnswerEvent fitted_;
  std::string fitted_bytes_;
  bool over_ = false;
};

/// Whether `policy` wants broken answers to `request` gone on with, and they could be.
bool may_rescue(const Policy& policy, const ApiRequest& request) noexcept;

}  // namespace triage
