#pragma once
// Why an answer ended, in Gemini's words and in ours.

#include "triage/blocks.hpp"

#include <string_view>

namespace triage::gemini {

/// `called`: the answer calls a tool, which Gemini names STOP like any other end.
FinishReason reason_of(std::string_view word, bool called) noexcept;

/// Whether the model's answer came to nothing: another attempt may not.
bool is_failure(std::string_view word, bool called) noexcept;

/// The word for a finish reason.
std::string_view finish_word(FinishReason reason) noexcept;

}  // namespace triage::gemini
