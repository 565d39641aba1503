// A whole answer, read in one walk that checks all of it:
//
//   {"choices":[{"index":0,"message":{"content":"Hello"},"finish_reason":"stop"}],"usage":{...}}
//
// And what can be seen of one of status 2xx that is none:
//
//   {"error":{"message":...}}                      an error with the wrong status
//   {"choices":[]}, {"choices":[{"message":{"content":""},"finish_reason":"stop"}]}      nothing was said
//   <html>, "", {"choices":[{"mess                 not what the API promises
//
// An answer that stopped for its length, was filtered, calls a tool or refuses says something, even with empty content.
// Usage stands behind the text. So the text is passed over at first, and read again only if there is no usage.
#include "json/json.hpp"
#include "openai/error_body.hpp"
#include "openai/output_estimate.hpp"
#include "providers/openai.hpp"

namespace triage::openai {
namespace {

using Kind = JsonReader::Kind;

/// Consumes a value. Whether it says anything: a text that is not empty, an array or object that is not empty.
bool says_something(JsonReader& in) {
  bool any = false;
  JsonString text;
  switch (in.kind()) {
    case Kind::string: return in.string(text) && !text.raw.empty();
    case Kind::array: each_element(in, [&] { any = in.skip() || any; }); return any;
    case Kind::object: each_member(in, [&](const JsonString&) { any = in.skip() || any; }); return any;
    default: in.skip(); return false;
  }
}

/// Consumes a message: whether it has content, a tool call, a refusal, audio or reasoning.
bool message_says_something(JsonReader& in) {
  bool any = false;
  each_member(in, [&](const JsonString& name) {
    const bool counts = !name.is("role") && !name.is("annotations");
    any = (says_something(in) && counts) || any;
  });
  return any;
}

/// Consumes a choice: whether it says something, or ended for a reason that explains why not.
bool choice_counts(JsonReader& in, std::string& finish_reason) {
  bool counts = false;
  each_member(in, [&](const JsonString& name) {
    if (name.is("message")) {
      counts = message_says_something(in) || counts;
    } else if (name.is("text")) {
      counts = says_something(in) || counts;
    } else if (name.is("finish_reason") && in.kind() == Kind::string) {
      JsonString reason;
      if (!in.string(reason)) return;
      finish_reason = reason.raw.substr(0, finish_reason_max);
      counts = counts || !(reason.is("stop") || reason.is(""));
    } else {
      in.skip();
    }
  });
  return counts;
}

std::int64_t estimate_output(std::string_view choices) {
  OutputEstimate estimate;
  std::uint32_t choice = 0;
  JsonReader in(choices);
  each_element(in, [&] {
    each_member(in, [&](const JsonString& name) {
      if (name.is("message") || name.is("text"))
        add_output(in, choice++, estimate);
      else
        in.skip_unchecked();
    });
  });
  return estimate.tokens();
}

Error bad(std::string message) {
  return {ErrorCode::upstream_bad_response, std::move(message)};
}

}  // namespace

AnswerReport read_answer(std::string_view content_type, std::string_view body) {
  AnswerReport out;
  bool reports_error = false;
  bool has_choices = false;
  bool any_choice_counts = false;
  std::string_view choices;
  JsonReader in(body);
  const bool is_object = each_member(in, [&](const JsonString& name) {
    if (name.is("usage")) {
      out.usage = read_usage(in);
    } else if (name.is("error")) {
      reports_error = says_something(in);
    } else if (name.is("choices") && in.kind() == Kind::array) {
      has_choices = true;
      choices = body.substr(in.value_offset());
      each_element(in, [&] { any_choice_counts = choice_counts(in, out.finish_reason) || any_choice_counts; });
    } else {
      in.skip();
    }
  });
  const bool whole = is_object && in.finish();
  if (!whole) out.usage.reset();
  if (!out.usage) out.output_estimate = estimate_output(choices);

  if (content_type.size() >= 9 && iequals(content_type.substr(0, 9), "text/html"))
    out.defect = bad("the provider answered with a web page");
  else if (body.empty())
    out.defect = bad("the provider's answer is empty");
  else if (!whole)
    out.defect = bad("the provider's answer is no valid JSON object");
  else if (reports_error && !any_choice_counts)
    out.defect = Error{ErrorCode::upstream_error,
                       "the provider reports an error in place of an answer: " + reported_message(body)};
  else if (has_choices && !any_choice_counts)
    out.defect = bad("the provider's answer is empty: no choice says anything");
  return out;
}

}  // namespace triage::openai
