#pragma once
// How long a model is to think, in the words that it takes.

#include "triage/blocks.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace triage {

/// Whether the request says anything of thinking.
bool asks_to_think(const BlockRequest& request) noexcept;

/// The effort that is asked for; where only a number of tokens is, the word for as many.
Effort effort_of(const BlockRequest& request) noexcept;

/// The nearest of the words that a model takes, least first; the lower one of two. A word that is none of Effort's is
/// in the middle. Empty: it is not to think at all, and has no word for that.
std::string_view nearest_effort(Effort effort, const std::vector<std::string>& taken) noexcept;

}  // namespace triage
