// What can be seen of an answer of status 2xx that is none:
//
//   {"error":{"message":...}}                      an error with the wrong status
//   {"choices":[]}, {"choices":[{"message":{"content":""},"finish_reason":"stop"}]}      nothing was said
//   <html>, "", {"choices":[{"mess                 not what the API promises
//
// An answer that stopped for its length, was filtered, calls a tool or refuses says something, even with empty content.
#include "providers/openai.hpp"
#include "wire/error_body.hpp"
#include "wire/json.hpp"

namespace triage::openai {
namespace {

using Kind = JsonReader::Kind;

/// Consumes a value. Whether it says anything: a text that is not empty, an array or object that is not empty.
bool says_something(JsonReader& in) {
  switch (in.kind()) {
    case Kind::string: {
      JsonString text;
      return in.string(text) && !text.raw.empty();
    }
    case Kind::array: {
      bool any = false;
      in.enter_array();
      while (in.next_element()) any = in.skip() || any;
      return any;
    }
    case Kind::object: {
      bool any = false;
      JsonString name;
      in.enter_object();
      while (in.next_name(name)) any = in.skip() || any;
      return any;
    }
    default: in.skip(); return false;
  }
}

/// Consumes a message: whether it has content, a tool call, a refusal, audio or reasoning.
bool message_says_something(JsonReader& in) {
  if (in.kind() != Kind::object) {
    in.skip();
    return false;
  }
  bool any = false;
  JsonString name;
  in.enter_object();
  while (in.next_name(name)) {
    const bool counts = !name.is("role") && !name.is("annotations");
    any = (says_something(in) && counts) || any;
  }
  return any;
}

/// Consumes a choice: whether it says something, or ended for a reason that explains why not.
bool choice_counts(JsonReader& in) {
  if (in.kind() != Kind::object) {
    in.skip();
    return false;
  }
  bool counts = false;
  JsonString name;
  in.enter_object();
  while (in.next_name(name)) {
    if (name.is("message")) {
      counts = message_says_something(in) || counts;
    } else if (name.is("text")) {
      counts = says_something(in) || counts;
    } else if (name.is("finish_reason") && in.kind() == Kind::string) {
      JsonString reason;
      in.string(reason);
      counts = counts || !(reason.is("stop") || reason.is(""));
    } else {
      in.skip();
    }
  }
  return counts;
}

Error bad(std::string message) {
  return {ErrorCode::upstream_bad_response, std::move(message)};
}

}  // namespace

std::optional<Error> find_defect(std::string_view content_type, std::string_view body) {
  if (content_type.size() >= 9 && iequals(content_type.substr(0, 9), "text/html"))
    return bad("the provider answered with a web page");
  if (body.empty()) return bad("the provider's answer is empty");
  JsonReader in(body);
  bool reports_error = false;
  bool has_choices = false;
  bool any_choice_counts = false;
  JsonString name;
  in.enter_object();
  while (in.next_name(name)) {
    if (name.is("error")) {
      reports_error = says_something(in);
    } else if (name.is("choices") && in.kind() == Kind::array) {
      has_choices = true;
      in.enter_array();
      while (in.next_element()) any_choice_counts = choice_counts(in) || any_choice_counts;
    } else {
      in.skip();
    }
  }
  if (!in.finish()) return bad("the provider's answer is no valid JSON object");
  if (reports_error && !any_choice_counts)
    return Error{ErrorCode::upstream_error,
                 "the provider reports an error in place of an answer: " + reported_message(body)};
  if (has_choices && !any_choice_counts) return bad("the provider's answer is empty: no choice says anything");
  return std::nullopt;
}

}  // namespace triage::openai
