#pragma once
// How a request is answered: each strategy asks the plan's targets in its own way and gives the client one answer. What
// they return has not been told to the client; nullopt: it has its answer.

#include "pipeline/answer/response.hpp"
#include "pipeline/attempt/attempts.hpp"

#include <optional>
#include <vector>

namespace triage {

/// The first answer that begins goes to the client as it comes, and is gone on with if it breaks off and the policy
/// says so.
Async<std::optional<Failure>> answer_straight(const Scope& scope, Response& response, Trail& trail,
                                              const std::vector<Target>& targets);

/// Gives the client that answer: `stream` is `opened` or a stream over it. For every strategy.
Async<std::optional<Failure>> deliver(const Scope& scope, Response& response, Trail& trail, Attempts& attempts,
                                      Attempt& opened, AnswerStream& stream, bool drop_logprobs);

/// How many bytes of an answer's text are to be kept in the trail, if it goes to the client as it comes.
std::size_t said_max(const Scope& scope) noexcept;

}  // namespace triage
