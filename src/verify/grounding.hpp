#pragma once
// How much of an answer stands in what the request carried: for routes whose answers must come from their context.

#include "triage/chat_view.hpp"

#include <optional>
#include <string_view>

namespace triage::verify {

/// Share of the answer's content words, names and numbers that stand in any message of the request, 0..1. Content
/// words have four letters or more (three from Hebrew and Arabic on) and are no function words; from the seventh
/// character on endings may differ. Of scripts without blanks, pairs of characters. Numbers count as they are, but for
/// the commas between thousands. At most 4,096 different ones are counted, of the first 64 KiB. nullopt: the answer has
/// none. It sees what words are new, not what is said with old ones: most made-up answers pass at 0.6.
std::optional<double> grounded_share(const ChatView& request, std::string_view answer);

}  // namespace triage::verify
