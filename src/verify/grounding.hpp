#pragma once
// How much of an answer is found in the request, for routes whose answers must come from their context.

#include "triage/chat_view.hpp"

#include <optional>
#include <string_view>

namespace triage::verify {

/// The share of the answer's content words, names and numbers that occur in any message of the request, 0..1. Content
/// words have four letters or more (three from Hebrew and Arabic on) and are not function words; from the seventh
/// character on, endings may differ. In scripts without spaces, pairs of characters count. Numbers must be equal,
/// except for commas between thousands. At most 4,096 different ones are counted, from the first 64 KiB. nullopt: the
/// answer has none. This sees which words are new, not what is said with old ones: most made-up answers pass at 0.6.
std::optional<double> grounded_share(const ChatView& request, std::string_view answer);

}  // namespace triage::verify
