#include "providers/openai.hpp"
#include "wire/json.hpp"
#include "wire/output_estimate.hpp"

// {"choices":[{"index":0,"message":{"content":"Hello"},"finish_reason":"stop"}],"usage":{...}}
//
// Usage stands behind the text. So the text is passed over at first, and read again only if there is no usage.

namespace triage::openai {
namespace {

/// Consumes `choices`; `member(name)` consumes the members of each.
template <class Member>
void each_choice(JsonReader& in, Member member) {
  if (in.kind() != JsonReader::Kind::array) {
    in.skip();
    return;
  }
  in.enter_array();
  while (in.next_element()) each_member(in, member);
}

std::int64_t estimate_output(std::string_view choices) {
  OutputEstimate estimate;
  std::uint32_t choice = 0;
  JsonReader in(choices);
  each_choice(in, [&](const JsonString& name) {
    if (name.is("message") || name.is("text"))
      add_output(in, choice++, estimate);
    else
      in.skip_unchecked();
  });
  return estimate.tokens();
}

}  // namespace

AnswerReport find_report(std::string_view body) {
  AnswerReport out;
  std::string_view choices;
  JsonReader in(body);
  each_member(in, [&](const JsonString& name) {
    if (name.is("usage")) {
      out.usage = read_usage(in);
    } else if (name.is("choices")) {
      choices = body.substr(in.value_offset());
      each_choice(in, [&](const JsonString& member) {
        JsonString reason;
        if (!member.is("finish_reason") || in.kind() != JsonReader::Kind::string)
          in.skip_unchecked();
        else if (in.string(reason))
          out.finish_reason = reason.raw.substr(0, finish_reason_max);
      });
    } else {
      in.skip_unchecked();
    }
  });
  if (!in.finish()) out.usage.reset();
  if (!out.usage) out.output_estimate = estimate_output(choices);
  return out;
}

}  // namespace triage::openai
