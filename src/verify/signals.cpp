#include "verify/signals.hpp"

#include "verify/answer_format.hpp"
#include "verify/ending.hpp"
#include "verify/hedging.hpp"
#include "verify/refusal.hpp"
#include "verify/tool_use.hpp"

namespace triage::verify {

Signals look_at(const ChatView& request, const Completion& answer) {
  const AnswerText text(answer);
  Signals out;
  out.refusal = find_refusal(answer, text, request).has_value();
  out.hedging = find_hedging(text, request).has_value();
  out.truncated = find_truncation(answer, true).has_value();
  if (json_is_wanted(request, answer))
    out.schema_failure = find_json_failure(request, answer, true).has_value();
  else if (!answer.tool_calls.empty())
    out.schema_failure = find_tool_failure(request, answer).has_value();
  return out;
}

}  // namespace triage::verify
