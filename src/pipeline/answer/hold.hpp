#pragma once
// Holds an answer back until it is known to be good enough.

#include "base/buffer.hpp"
#include "pipeline/attempt/attempt.hpp"
#include "triage/verifier.hpp"

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace triage {

/// The result of holding an answer.
enum class Held : std::uint8_t {
  whole,    ///< the whole answer is held
  through,  ///< its beginning was accepted: pull what was held, then the rest
  refused,  ///< its beginning was rejected, or there is no room for it
  failed    ///< it broke off
};

/// Holds one answer, within limits.held and limits.held_total. With a window, it lets the answer through once its
/// beginning is accepted; a tool call that begins after the window waits until it is complete.
class Hold final : public AnswerStream {
 public:
  /// `judge` says whether an answer with this beginning may be sent; nullopt: only the whole answer can tell.
  using Judge = std::function<std::optional<Verdict>(const Completion&)>;

  /// `drop_logprobs` applies to an answer that is let through. `hold` and `answer` must outlive this object.
  Hold(const Snapshot& snapshot, Attempt& answer, const HoldSpec& hold, bool drop_logprobs, Judge judge);
  Hold(const Hold&) = delete;
  Hold& operator=(const Hold&) = delete;
  ~Hold() override { drop_kept(); }

  /// Reads until the result is known. To be called once; `gone` ends it.
  Async<Held> settle(Cancellation& gone);

  // These are for a whole answer, until it is released.
  [[nodiscard]] bool streamed() const noexcept { return answer_.streamed(); }
  [[nodiscard]] std::string_view bytes() const noexcept { return bytes_.view(); }
  [[nodiscard]] const Completion& said() const noexcept { return answer_.said(); }
  [[nodiscard]] const Attempt& answer() const noexcept { return answer_; }
  [[nodiscard]] Trail::Clock::time_point answered() const noexcept { return answered_; }

  // These are for an answer that is let through.
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
  AnswerEvent given_;        // what was held, as one event
  std::string given_bytes_;  // backs given_
  bool on_loan_ = false;     // whoever pulled bytes_ is still reading them
  bool calls_ = false;       // a tool call began after the window
  bool undecided_ = false;   // judge_ could not tell from the beginning: the whole answer is held
};

/// Whether `more` bytes can be held in addition to `kept` of the same answer. A refusal is counted.
enum class Room : std::uint8_t {
  enough,
  too_large,  ///< limits.held
  none_left   ///< limits.held_total
};
Room room_for(const Snapshot& snapshot, std::size_t kept, std::size_t more);

/// Whether another answer of any length within limits.held can be held.
bool room_to_hold(const Snapshot& snapshot);

}  // namespace triage
