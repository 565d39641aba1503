#pragma once
// Sends an answer, and bills what was made of it.

#include "simulate/delivery.hpp"
#include "simulate/model.hpp"
#include "simulate/question.hpp"
#include "simulate/reply_text.hpp"

#include "triage/exchange.hpp"

namespace triage::simulate {

/// Sends `made`, plain or streamed as `question` asks, and bills it.
Async<void> send_answer(Exchange& exchange, Model& model, Pace pace, const Question& question, Answer& made,
                        ReplyHead reply, const Misbehaviour& wrong);

/// Bills `usage`, unless the answer never began. `reported`: the usage reached the caller.
void bill(const Exchange& exchange, Model& model, const Usage& usage, bool reported);

}  // namespace triage::simulate
