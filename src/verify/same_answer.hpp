#pragma once
// Whether two answers come to the same.

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

/// As what they are compared:
///   number, choice   what each comes to, see final_answer.hpp; a unit that both have counts
///   json             what both have. Of objects that have a member `answer` or `final_answer`, only that; of the
///   others
///                    all but the members that explain ("reasoning")
///   text             all words, numbers and operators
///   auto             the final answers, if both have one of the same kind that can be read: a number, a choice, a
///   list,
///                    JSON, a short text; or the whole texts are the same
/// unclear: an answer is empty, or has no final answer that can be read, or they are of two kinds.
/// `question`: what the user asked; a number at the end of prose is an answer if that asked for one.
/// Answers that call tools are the same if they call the same ones in the same order, with equal arguments.
Sameness same_answer(const Completion& a, const Completion& b, CompareAs compare, std::string_view question);

}  // namespace triage::verify
