#pragma once
// Continues, with another attempt, a stream that broke off after the client got its beginning:
//
//   sent on --the provider cuts it off--> another attempt's events
//                                           |-- what the client has is left out
//                                           '-- all else goes on, as of the same stream
//
// `splice` asks for the same answer again, `prefill` asks to continue what was sent. Only plain text of one choice can
// be continued; what was sent is kept within limits.held and limits.held_total.

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
  /// `stream` is what the client gets of `first`, in plain events; both must outlive this object. With `drop_logprobs`
  /// the client gets no log-probabilities.
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

  /// The attempt whose connection is to be drained at the end.
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
  std::size_t counted_ = 0;  // bytes of the sent text that are counted in Snapshot::held
  bool no_room_ = false;
  MaybeFailure cut_;                          // why the first broke off
  std::optional<Continuation> continuation_;  // set once the second attempt has begun
  std::string sent_;
  std::unique_ptr<Attempt> second_;
  Buffer asked_bytes_;
  std::optional<ApiRequest> asked_;
  AnswerEvent fitted_;
  std::string fitted_bytes_;
  bool over_ = false;
};

/// Whether `policy` wants broken answers to `request` continued, and that is possible.
bool may_rescue(const Policy& policy, const ApiRequest& request) noexcept;

}  // namespace triage
