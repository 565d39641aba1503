#pragma once
// Whether an answer is in another language than its question.

#include "triage/features.hpp"
#include "triage/request.hpp"
#include "verify/answer_text.hpp"

#include <optional>
#include <string>

namespace triage::verify {

/// By script, and between languages in Latin letters by their small words. Code in back-quotes is no language, short
/// texts and mixed ones have none, and where any message speaks of a language or of translating, every language will
/// do. The first 16 KiB of question and answer are looked at.
std::optional<std::string> find_other_language(const ApiRequest& request, const Features& features,
                                               const AnswerText& text);

}  // namespace triage::verify
