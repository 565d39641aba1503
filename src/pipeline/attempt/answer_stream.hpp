#pragma once
// An answer that is pulled, event by event. What holds answers back, goes on with broken ones or changes them is a
// stream over a stream (proxygen's coroutine HTTPSource is the model):
//
//   for (;;) {
//     while (event = next()) ...           what is there, without waiting
//     if (ended()) break;
//     co_await wait();                      for the provider
//   }

#include "triage/answer.hpp"
#include "triage/async.hpp"
#include "triage/error.hpp"

#include <cstddef>

namespace triage {

class AnswerStream {
 public:
  virtual ~AnswerStream() = default;

  /// The next event that is there; null: none is. Valid until the next call of any member. After an error the stream is
  /// over.
  virtual Result<const AnswerEvent*> next() = 0;

  /// The answer is whole and next() has given all of it.
  [[nodiscard]] virtual bool ended() const noexcept = 0;

  /// Waits until there may be more. Not called once ended().
  virtual Async<Result<void>> wait() = 0;

  /// Ends wait() soon, with an error.
  virtual void cancel() = 0;

  /// In the trail: whose answer this is by now.
  [[nodiscard]] virtual std::size_t row() const noexcept = 0;
};

}  // namespace triage
