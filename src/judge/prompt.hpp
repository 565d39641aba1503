#pragma once
// What a judging model is shown, and the question that shows it.
//
//   system   the rubric, then how to read and answer what follows
//   user     5cX...                                       a marker, new for each question
//            {"request":[{"role":...,"text":...}],"answer":"..."}
//            5cX...
//
// Everything that a client or a model wrote is inside strings of that one line of JSON, where no line ends and, since
// '<' and '>' are escaped too, no marker of a chat template begins. The reply must repeat the nonce, another random
// word that only the system's message has: a reply that was found in the material, or written for another question, has
// not got it.

#include "judge/sample.hpp"
#include "triage/quality_spec.hpp"

#include <string>
#include <string_view>

namespace triage::judge {

/// Random words, 20 characters or more each, that nobody can have foreseen.
struct Nonces {
  std::string marker;
  std::string reply;
};

/// The built-in rubric.
extern const std::string_view built_in_rubric;

/// The rubric in force, and which words it is asked in: changes whenever grades may no longer be compared. 16 digits.
/// `model`: the judge's, as its provider calls it; `baseline`: the model compared with, empty if there is none.
std::string version_of(const JudgeSpec& spec, std::string_view model, std::string_view baseline);

/// The body of a question about one answer, at temperature 0. `again`: the last reply could not be read.
std::string pointwise_body(const JudgeSpec& spec, const Sample& sample, const Nonces& nonces, bool again);

/// The same about two. `swapped`: the sample's answer comes second.
std::string pairwise_body(const JudgeSpec& spec, const Sample& sample, const Completion& other, bool swapped,
                          const Nonces& nonces, bool again);

/// An upper bound, in bytes, of what the questions show of the sample's texts, for estimates of cost.
std::size_t shown_bytes(const Sample& sample) noexcept;

/// Tokens of a judge's reply at most.
inline constexpr int reply_tokens = 1'000;

}  // namespace triage::judge
