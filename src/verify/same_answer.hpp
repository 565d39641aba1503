#pragma once
// Whether two answers come to the same thing.

#include "triage/completion.hpp"
#include "triage/words.hpp"
#include "verify/quantity.hpp"

#include <array>
#include <cstdint>
#include <string_view>

namespace triage {

/// What two answers are compared as.
enum class CompareAs : std::uint8_t { automatic, number, choice, json, text };
template <>
inline constexpr std::array<std::string_view, 5> words<CompareAs>{"auto", "number", "choice", "json", "text"};

}  // namespace triage

namespace triage::verify {

/// Compares two answers. `compare` says as what:
///   number, choice   their final answers, see final_answer.hpp; a unit counts if both have one
///   json             their JSON. Of objects with a member `answer` or `final_answer`, only that member, which both
///                    must have; of others, all members except those that explain ("reasoning")
///   text             all words, numbers and operators
///   auto             the final answers, if both have one of the same kind that can be read: a number, a choice, a
///                    list, JSON, a short text; otherwise whether the whole texts are the same
/// Answers that call tools are the same if they call the same ones in the same order, with equal arguments.
/// `question`: what the user asked; a number at the end of prose is an answer if the question asks for a number.
/// unclear: an answer is empty, or has no final answer that can be read, or the two are of different kinds.
Sameness same_answer(const Completion& a, const Completion& b, CompareAs compare, std::string_view question);

}  // namespace triage::verify
