#pragma once
// A stream as the whole answer that it would have been, for a client that did not ask for a stream and got one.

#include <optional>
#include <string>
#include <string_view>

namespace triage {

/// `events`: the body of a stream of chat.completion.chunk or text_completion, complete. nullopt: it reports an error,
/// has no choice, or was cut off.
std::optional<std::string> whole_answer(std::string_view events);

}  // namespace triage
