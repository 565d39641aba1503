#pragma once
// Log-probabilities of an answer's tokens, in Gemini's words and in OpenAI's:
//
//   {"chosenCandidates":[{"token":"Hi","logProbability":-0.1}],
//    "topCandidates":[{"candidates":[{"token":"Hi","logProbability":-0.1}, ...]}]}
//   [{"token":"Hi","logprob":-0.1,"bytes":[72,105],"top_logprobs":[{"token":"Hi","logprob":-0.1,"bytes":[72,105]},
//   ...]}]

#include <string>
#include <string_view>

namespace triage::gemini {

/// Both take JSON that is followed by body_padding readable bytes.
std::string chat_logprobs(std::string_view logprobs_result);
std::string logprobs_result(std::string_view chat_logprobs);

}  // namespace triage::gemini
