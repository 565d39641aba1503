// Bodies of status 2xx that are visibly not an answer:
//
//   {"error":{"message":...}}                      an error with the wrong status
//   {"detail":"..."}, {"choices":null}, {}         neither a choice nor a list, as embeddings have
//   {"choices":[]}                                 nothing was said
//   <html>, "", {"choices":[{"mess                 not what the API promises
//
// A choice that says why it ended is an answer, even if empty: the model may have ended at once.
#include "openai/answer_reader.hpp"
#include "providers/openai.hpp"

#include <algorithm>

namespace triage::openai {
namespace {

constexpr const char* error_in_its_place = "the provider reports an error in place of an answer";

Error bad(std::string message) {
  return {ErrorCode::upstream_bad_response, std::move(message)};
}

}  // namespace

std::optional<Error> decode_whole(std::string_view content_type, std::string_view body, AnswerEvent& out) {
  const bool whole = read_answer_mended(body, AnswerForm::whole, body, {}, {}, out);
  if (!whole) out.usage.reset();
  const bool any_choice_counts = std::ranges::any_of(out.choices, is_answer);
  if (content_type.size() >= 9 && iequals(content_type.substr(0, 9), "text/html"))
    return bad("the provider answered with a web page");
  if (body.empty()) return bad("the provider's answer is empty");
  if (!whole) return bad("the provider's answer is no valid JSON object");
  if (out.reports_error && !any_choice_counts) return reported_error(error_in_its_place, out.json, out.error_status);
  if (!out.has_choices && !out.has_items) return reported_error(error_in_its_place, out.json, out.error_status);
  if (out.has_choices && !any_choice_counts) return bad("the provider's answer is empty: no choice says anything");
  return std::nullopt;
}

}  // namespace triage::openai
