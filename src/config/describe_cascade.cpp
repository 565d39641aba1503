// The keys of cascades and of pairs of answers.
#include "config/describe.hpp"
#include "options/type_of.hpp"
#include "verify/pickers.hpp"
#include "verify/verifiers.hpp"

namespace triage {

using options::Describer;

void describe(Describer& v, HoldSpec& s) {
  v.field({.name = "mode",
           .text = "`window` needs `tokens` or `ms`; a bare word is short for this key",
           .shown_default = "`full`; `window` with `tokens` or `ms`"},
          s.mode);
  v.field({.name = "tokens", .text = "length of the window", .shown_default = "no bound", .most = 1'000'000}, s.tokens);
  v.field({.name = "ms",
           .text = "milliseconds from the answer's first byte, instead or besides",
           .shown_default = "no bound",
           .most = 600'000},
          s.ms);
}

void describe(Describer& v, CascadeSpec& s) {
  v.field({.name = "verify", .text = "who says whether an answer is good enough"}, s.verify);
  v.field({.name = "hold", .text = "how much of a streamed answer is held back until it is verified"}, s.hold);
  v.field({.name = "escalations_max", .text = "how often the next tier is asked", .most = 16}, s.escalations_max);
  v.field({.name = "escalation_share",
           .text = "part of the last `escalation_window` requests that may escalate without a warning",
           .most = 1},
          s.escalation_share);
  v.field(
      {.name = "escalation_window", .text = "requests that `escalation_share` is of", .least = 1, .most = 1'000'000},
      s.escalation_window);
}

void describe(Describer& v, PairSpec& s) {
  v.field({.name = "share", .text = "part of the route's requests, drawn by their id", .most = 1}, s.share);
  v.field({.name = "cheap", .text = "one of the two tiers", .shown_default = "the route's lowest"}, s.cheap);
  v.field({.name = "strong", .text = "the other, a higher one", .shown_default = "the route's highest"}, s.strong);
  v.field({.name = "picker", .text = "who says which answer is better"}, s.picker);
  v.field({.name = "daily_budget_usd",
           .text = "for all calls that are made for it, by the day in UTC; beyond it the share is 0",
           .most = 9'000'000,
           .required = true},
          s.daily_budget_usd);
}

}  // namespace triage
