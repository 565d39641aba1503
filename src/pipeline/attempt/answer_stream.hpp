#pragma once
// An answer that is pulled, event by event. Whatever holds answers back, continues broken ones or changes them is a
// stream over a stream (modelled on proxygen's coroutine HTTPSource):
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

  /// Returns the next event that is available, valid until the next call of any member; null: none is. After an error
  /// the stream is over.
  virtual Result<const AnswerEvent*> next() = 0;

  /// Whether the answer is complete and next() has returned all of it.
  [[nodiscard]] virtual bool ended() const noexcept = 0;

  /// Waits until there may be more. Must not be called once ended().
  virtual Async<Result<void>> wait() = 0;

  /// Makes wait() return soon, with an error.
  virtual void cancel() = 0;

  /// The trail's row of the attempt whose answer this is by now.
  [[nodiscard]] virtual std::size_t row() const noexcept = 0;
};

}  // namespace triage
