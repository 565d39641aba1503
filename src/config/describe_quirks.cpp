// The keys of what a provider or model takes otherwise than its dialect says.
#include "config/describe.hpp"
#include "options/type_of.hpp"

namespace triage {

using options::Describer;

static constexpr std::string_view from_table = "as the table of quirks says; else as the dialect does";

static void describe_words(Describer& v, Quirks& s) {
  const auto field = [&v](std::string_view name, std::string_view text, auto& member) {
    v.field({.name = name, .text = text, .shown_default = from_table}, member);
  };
  field("limit", "what a chat completion calls the limit of its answer", s.limit);
  field("call_ids", "which ids of calls it takes: `nine` letters and digits, or any; others are sent as hashes",
        s.call_ids);
  field("seed", "what a chat completion calls `seed`", s.seed);
  field("left_out", "members of a chat completion that it refuses: they are left out, and named as dropped",
        s.left_out);
  field("later_system",
        "whether a system message in mid-conversation stays one (`system`) or is sent as the user's, in place, in "
        "`<system>` marks (`marked`)",
        s.later_system);
  field("sent_thoughts",
        "how the model's own thoughts are sent back in a chat completion: by that member's name, as `parts` of the "
        "content, or not at all (`none`)",
        s.sent_thoughts);
  field("effort", "which member of a request says how long to think; `none`: no member", s.effort);
  field("efforts", "the words that it takes for that, least first; others become the nearest", s.efforts);
  field("reasoning_format", "the value of the member `reasoning_format`, without which it shows no thoughts",
        s.reasoning_format);
  field("tool_choices",
        "which choices of tools it takes besides the model's own. A request for `required` or `named` goes elsewhere "
        "where neither is taken; where one is, that tool alone is sent. For `none` the tools are left out",
        s.tool_choices);
  field("top_k", "what Bedrock's model calls `top_k`; `none`: it has none", s.top_k);
  field("unsigned_calls", "what stands for the signature of a call that another model made", s.unsigned_calls);
  field("retried", "what a reply of status 400 says that is worth another try", s.retried);
}

void describe(Describer& v, Quirks& s) {
  const auto field = [&v](std::string_view name, std::string_view text, auto& member) {
    v.field({.name = name, .text = text, .shown_default = from_table}, member);
  };
  describe_words(v, s);
  field("reply_to_results", "whether the assistant must speak between a tool's result and the user",
        s.reply_to_results);
  field("sampling_with_thinking", "whether it takes `temperature`, `top_p` and `top_k` while it thinks",
        s.sampling_with_thinking);
  field("cache_points", "whether Bedrock's model can cache a prompt", s.cache_points);
  field("failed_results", "whether Bedrock's model takes the mark of a tool that failed", s.failed_results);
  field("prefill", "whether a last turn of the assistant is continued", s.prefill);
  field("image_urls", "whether images at an address are fetched", s.image_urls);
  field("json_schema", "whether answers can be held to a schema", s.json_schema);
  field("json_object", "whether answers can be held to be JSON", s.json_object);
  field("stop", "whether it takes stop sequences", s.stop);
}

}  // namespace triage
