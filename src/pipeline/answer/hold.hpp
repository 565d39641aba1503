#pragma once
// An answer that is kept back until it is known to be good enough.

#include "base/buffer.hpp"
#include "pipeline/attempt/attempt.hpp"
#include "triage/verifier.hpp"

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace triage {

/// How holding an answer came out.
enum class Held : std::uint8_t {
  whole,    ///< it is here, all of it
  through,  ///< its beginning was accepted: what was kept, and the rest, is to be pulled
  refused,  ///< its beginning was not, or there is no room for it
  failed    ///< it broke off
};

/// Keeps one answer, within limits.held and limits.held_total. With a window, it lets the answer through from the
/// moment its beginning is accepted; a tool call that comes behind the window waits until it is whole.
class Hold final : public AnswerStream {
 public:
  /// `judge`: whether an answer that begins like that may go out; nullopt: only the whole of it can tell.
  using Judge = std::function<std::optional<Verdict>(const Completion&)>;

  /// `drop_logprobs`: those of an answer that is let through. `hold` and `answer` must outlive this.
  Hold(const Snapshot& snapshot, Attempt& answer, const HoldSpec& hold, bool drop_logprobs, Judge judge);
  Hold(const Hold&) = delete;
  Hold& operator=(const Hold&) = delete;
  ~Hold() override { drop_kept(); }

  /// Once. `gone` ends it.
  Async<Held> settle(Cancellation& gone);

  // Of a whole answer, until it is released.
  [[nodiscard]] bool streamed() const noexcept { return answer_.streamed(); }
  [[nodiscard]] std::string_view bytes() const noexcept { return bytes_.view(); }
  [[nodiscard]] const Completion& said() const noexcept { return answer_.said(); }
  [[nodiscard]] const Attempt& answer() const noexcept { return answer_; }
  [[nodiscard]] Trail::Clock::time_point answered() const noexcept { return answered_; }

  // Of one that is let through.
  Result<const AnswerEvent*> next() override;
  [[nodiscard]] bool ended() const noexcept override { return answer_.ended() && bytes_.empty(); }
  Async<Result<void>> wait() override { return answer_.wait(); }
  void cancel() override { answer_.cancel(); }
  [[nodiscard]] std::size_t row() const noexcept override { return answer_.row(); }

 private:
  Held refuse(std::string reason);
  bool keep(std::string_view bytes);
  std::optional<Held> take_what_is_there();
  std::optional<Held> judge_window();
  [[nodiscard]] bool window_over() const;
  const AnswerEvent* give_kept();
  const AnswerEvent* edited(const AnswerEvent& event);
  void drop_kept();

  const Snapshot& snapshot_;
  Attempt& answer_;
  const HoldSpec& hold_;
  const bool drop_logprobs_;
  const Judge judge_;
  Buffer bytes_;  // the body, or events
  Trail::Clock::time_point began_ = Trail::Clock::now();
  Trail::Clock::time_point answered_;
  AnswerEvent given_;        // what was kept, as one event
  std::string given_bytes_;  // of it
  bool on_loan_ = false;     // bytes_ are being read by whoever pulled them
  bool calls_ = false;       // behind the window a tool call has begun
  bool undecided_ = false;   // the beginning could not tell: the whole is held
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

}  // namespace triage
