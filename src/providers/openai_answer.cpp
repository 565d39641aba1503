// What can be seen of a whole answer of status 2xx that is none:
//
//   {"error":{"message":...}}                      an error with the wrong status
//   {"choices":[]}, {"choices":[{"message":{"content":""},"finish_reason":"stop"}]}      nothing was said
//   <html>, "", {"choices":[{"mess                 not what the API promises
//
// An answer that stopped for its length, was filtered, calls a tool or refuses says something, even with empty content.
#include "openai/answer_reader.hpp"
#include "openai/error_body.hpp"
#include "providers/openai.hpp"

#include <algorithm>

namespace triage::openai {
namespace {

Error bad(std::string message) {
  return {ErrorCode::upstream_bad_response, std::move(message)};
}

/// Whether it says something, or ended for a reason that explains why not.
bool counts(const AnswerChoice& choice) noexcept {
  return choice.says || !(choice.finish_reason.empty() || choice.finish_reason == "stop");
}

}  // namespace

std::optional<Error> decode_whole(std::string_view content_type, std::string_view body, AnswerEvent& out) {
  const bool whole = read_answer(body, AnswerForm::whole, out);
  out.verbatim = body;
  if (!whole) out.usage.reset();
  const bool any_choice_counts = std::ranges::any_of(out.choices, counts);
  if (content_type.size() >= 9 && iequals(content_type.substr(0, 9), "text/html"))
    return bad("the provider answered with a web page");
  if (body.empty()) return bad("the provider's answer is empty");
  if (!whole) return bad("the provider's answer is no valid JSON object");
  if (out.reports_error && !any_choice_counts)
    return Error{ErrorCode::upstream_error,
                 "the provider reports an error in place of an answer: " + reported_message(body)};
  if (out.has_choices && !any_choice_counts) return bad("the provider's answer is empty: no choice says anything");
  return std::nullopt;
}

}  // namespace triage::openai
