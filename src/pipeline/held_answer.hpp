#pragma once
// An answer that is kept back until it is known to be good enough.

#include "base/buffer.hpp"
#include "http1/sse_reader.hpp"
#include "pipeline/answer_out.hpp"
#include "triage/cascade_spec.hpp"
#include "triage/verifier.hpp"

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace triage {

/// As it will go to the client, and what it says.
struct HeldAnswer {
  bool streamed = false;
  int status = 200;
  std::vector<std::pair<std::string, std::string>> fields;
  Buffer bytes;  ///< the body, or events up to [DONE]
  Completion completion;
};

/// Keeps one answer, within limits.held and limits.held_total. With a window, it lets the answer through from the
/// moment its beginning is accepted; a tool call that comes behind the window waits until it is whole.
class HeldOut final : public AnswerOut {
 public:
  /// `judge`: whether an answer that begins like that may go out; nullopt: only the whole of it can tell.
  using Judge = std::function<std::optional<Verdict>(const Completion&)>;

  /// `drop_logprobs`: those of an answer that is let through.
  HeldOut(Context& context, AnswerOut& client, const HoldSpec& hold, bool drop_logprobs, Judge judge);
  HeldOut(const HeldOut&) = delete;
  HeldOut& operator=(const HeldOut&) = delete;
  ~HeldOut() override { forget(); }

  [[nodiscard]] bool direct() const noexcept override { return false; }
  Async<Result<void>> whole(ResponseHead head, std::string_view body) override;
  Async<Result<void>> begin(ResponseHead head, std::string_view events) override;
  Async<Result<void>> write(std::string_view events) override;
  Async<Result<void>> finish(std::string_view events) override;

  /// The whole answer that is held; null: none is, or the client has it.
  [[nodiscard]] HeldAnswer* held() noexcept { return complete_ ? &answer_ : nullptr; }
  /// Why the answer was cut off; empty: it was not.
  [[nodiscard]] const std::string& refused() const noexcept { return refused_; }

 private:
  void forget();
  void keep_head(const ResponseHead& head);
  [[nodiscard]] Result<void> make_room_for(std::string_view bytes);
  Result<void> keep(std::string_view events);
  Result<void> refuse(std::string reason);
  [[nodiscard]] bool window_over() const;
  Async<Result<void>> let_through();
  Async<Result<void>> write_behind(std::string_view events);
  Async<Result<void>> write_kept();
  void drop_kept();
  [[nodiscard]] std::string_view for_client(std::string_view events, std::string& edited) const;

  AnswerOut& client_;
  const HoldSpec& hold_;
  const LimitsSpec& limits_;
  const Snapshot& snapshot_;
  bool drop_logprobs_;
  Judge judge_;
  HeldAnswer answer_;
  SseReader reader_;
  RequestRecord::Clock::time_point began_;
  std::string refused_;
  bool complete_ = false;
  bool through_ = false;    // the client has the beginning
  bool undecided_ = false;  // the beginning could not tell: the whole is held
};

/// Whether `more` bytes can be held behind `kept` of the same answer; what does not fit is counted.
enum class Room : std::uint8_t {
  enough,
  too_large,  ///< limits.held
  none_left   ///< limits.held_total
};
Room room_for(const Snapshot& snapshot, std::size_t kept, std::size_t more);

/// Whether another answer, of any length that is held, can be.
bool room_to_hold(const Snapshot& snapshot);

/// Gives the client a held answer as the one of `context.record.asked`. Changes it to what the client may see:
/// `hidden_bytes` at its text's end are cut off, and its log-probabilities with `drop_logprobs`.
Async<Result<void>> release(Context& context, AnswerOut& client, const HeldAnswer& answer, std::size_t hidden_bytes,
                            bool drop_logprobs);

}  // namespace triage
