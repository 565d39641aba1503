#include "gemini/finish_words.hpp"

#include <algorithm>
#include <array>

namespace triage::gemini {
namespace {

// Google's reference, "FinishReason" and "BlockReason".
constexpr std::array<std::string_view, 12> refusals{"SAFETY",
                                                    "RECITATION",
                                                    "BLOCKLIST",
                                                    "PROHIBITED_CONTENT",
                                                    "SPII",
                                                    "MODEL_ARMOR",
                                                    "IMAGE_SAFETY",
                                                    "IMAGE_PROHIBITED_CONTENT",
                                                    "IMAGE_RECITATION",
                                                    "JAILBREAK",
                                                    "LANGUAGE",
                                                    "PUP_LIMITED_DISABLED"};
constexpr std::array<std::string_view, 4> failures{"MALFORMED_FUNCTION_CALL", "MALFORMED_RESPONSE",
                                                   "MISSING_THOUGHT_SIGNATURE", "NO_IMAGE"};

}  // namespace

FinishReason reason_of(std::string_view word, bool called) noexcept {
  if (word == "MAX_TOKENS") return FinishReason::length;
  if (std::ranges::find(refusals, word) != refusals.end()) return FinishReason::refusal;
  if (called) return FinishReason::calls;
  return word == "STOP" ? FinishReason::stop : FinishReason::other;
}

bool is_failure(std::string_view word, bool called) noexcept {
  if (word == "UNEXPECTED_TOOL_CALL") return !called;
  return std::ranges::find(failures, word) != failures.end();
}

std::string_view finish_word(FinishReason reason) noexcept {
  switch (reason) {
    case FinishReason::length: return "MAX_TOKENS";
    case FinishReason::refusal: return "SAFETY";
    case FinishReason::other: return "OTHER";
    default: return "STOP";
  }
}

}  // namespace triage::gemini
