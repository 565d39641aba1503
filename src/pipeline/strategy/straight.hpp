#pragma once
// How a request is answered: each strategy asks the plan's targets in its own way and gives the client one answer. The
// client has not been told of a failure that they return; nullopt: it has its answer.

#include "pipeline/answer/response.hpp"
#include "pipeline/attempt/attempts.hpp"

#include <optional>
#include <vector>

namespace triage {

/// Sends the client the first answer that begins, as it comes. If it breaks off and the policy says so, another attempt
/// continues it.
Async<MaybeFailure> answer_straight(const Scope& scope, Response& response, Trail& trail,
                                    const std::vector<Target>& targets);

/// Sends the client an answer: `stream` is `opened` or a stream over it. Used by every strategy.
Async<MaybeFailure> deliver(const Scope& scope, Response& response, Trail& trail, Attempts& attempts, Attempt& opened,
                            AnswerStream& stream, bool drop_logprobs);

/// How many bytes of an answer's text to keep in the trail, if it goes to the client as it comes.
std::size_t said_max(const Scope& scope) noexcept;

}  // namespace triage
