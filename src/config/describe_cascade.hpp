#pragma once
// The part of describe.hpp that is about cascades, their verifiers, and pairs of answers.

#include "config/key.hpp"

namespace triage::config {

template <class V>
void describe(V& v, ChecksSpec& s) {
  v.field({.name = "skip", .text = "what is not looked for"}, s.skip);
  v.field({.name = "required", .text = "RE2 expression that must match somewhere in the answer", .check = check_regex},
          s.required);
  v.field({.name = "grounded",
           .text = "least share of the answer's words, numbers and names that the request's own texts hold",
           .shown_default = "not looked for",
           .most = 1},
          s.grounded);
}

template <class V>
void describe(V& v, SelfSpec& s) {
  v.field({.name = "instruction",
           .text = "what the model is told, besides the request: to end its answer with how sure it is",
           .shown_default = "a built-in text"},
          s.instruction);
  v.field({.name = "pattern",
           .text = "RE2 expression for it, with one group: 0..1, or a percentage",
           .shown_default = "fits the built-in text",
           .check = check_regex},
          s.pattern);
  v.field({.name = "at_least", .text = "confidence from which an answer is accepted", .most = 1}, s.at_least);
}

template <class V>
void describe(V& v, LogprobSpec& s) {
  v.field({.name = "use", .text = "what counts of the tokens' log-probabilities"}, s.use);
  v.field({.name = "calibration",
           .text = "file that makes a probability of being right out of it",
           .shown_default = "none: the token probability as it is, which is no confidence",
           .check = check_filled},
          s.calibration);
  v.field({.name = "at_least", .text = "probability from which an answer is accepted", .most = 1}, s.at_least);
}

template <class V>
void describe(V& v, LlmVerifierSpec& s) {
  v.field({.name = "deployment", .text = "which model judges", .required = true}, s.deployment);
  v.field({.name = "prompt", .text = "what it is told", .shown_default = "a built-in text"}, s.prompt);
  v.field({.name = "timeout", .text = "how long its verdict is waited for", .least = 1}, s.timeout);
  v.field({.name = "at_least", .text = "score from which an answer is accepted", .most = 1}, s.at_least);
  v.field({.name = "on_error", .text = "what is done without a verdict"}, s.on_error);
}

template <class V>
void describe(V& v, BandSpec& s) {
  v.field({.name = "of", .text = "the verifier whose score it is", .required = true}, s.of);
  v.field({.name = "from", .text = "a lower score rejects", .most = 1}, s.from);
  v.field({.name = "to", .text = "this score, or a higher one, accepts", .most = 1}, s.to);
}

template <class V>
void describe(V& v, AgreementSpec& s) {
  v.field({.name = "deployment", .text = "the model that answers too", .required = true}, s.deployment);
  v.field({.name = "compare", .text = "what must be the same"}, s.compare);
  v.field({.name = "timeout", .text = "how long its answer is waited for", .least = 1}, s.timeout);
  v.field({.name = "unsure",
           .text = "it is asked only where another verifier's score does not tell",
           .shown_default = "always asked"},
          s.unsure);
}

template <class V>
void describe(V& v, WeightedPartSpec& s) {
  v.field({.name = "weight", .text = "of its score", .most = 1'000'000}, s.weight);
  v.field({.name = "verifier", .text = "a verifier", .required = true}, s.verifier);
}

template <class V>
void describe(V& v, WeightedVerifierSpec& s) {
  v.field({.name = "of", .text = "verifiers and their weights", .required = true}, s.of);
  v.field({.name = "at_least", .text = "weighted mean of the scores from which an answer is accepted", .most = 1},
          s.at_least);
}

template <class V>
void describe(V& v, VerifierSpec& s) {
  v.kind({.name = "checks", .text = "looks at the answer itself, without a model"}, s.checks, false);
  v.kind({.name = "self", .text = "the model is asked how sure it is; the client does not see it"}, s.self, false);
  v.kind({.name = "logprob", .text = "how probable the model's own tokens were"}, s.logprob, false);
  v.kind({.name = "llm", .text = "another model judges"}, s.llm, false);
  v.kind({.name = "agreement", .text = "another model answers too, and both must say the same"}, s.agreement, false);
  v.kind({.name = "all", .text = "all of these accept"}, s.all, false);
  v.kind({.name = "any", .text = "one of these accepts"}, s.any, false);
  v.kind({.name = "weighted", .text = "the weighted mean of these is high enough"}, s.weighted, false);
  v.later({"model"});
}

template <class V>
void describe(V& v, HoldSpec& s) {
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

template <class V>
void describe(V& v, CascadeSpec& s) {
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

template <class V>
void describe(V& v, LlmPickerSpec& s) {
  v.field({.name = "deployment",
           .text = "which model compares; it is asked twice, the second time in the other order",
           .required = true},
          s.deployment);
  v.field({.name = "prompt", .text = "what it is told", .shown_default = "a built-in text"}, s.prompt);
  v.field({.name = "timeout", .text = "how long each reply is waited for", .least = 1}, s.timeout);
}

template <class V>
void describe(V& v, ScorerSpec& s) {
  v.field({.name = "verify", .text = "a verifier: its score, or 1 or 0", .required = true}, s.verify);
}

template <class V>
void describe(V& v, PickerSpec& s) {
  v.kind({.name = "llm", .text = "another model compares the two answers"}, s.llm, false);
  v.kind({.name = "scorer", .text = "a verifier scores each answer by itself"}, s.scorer, false);
}

template <class V>
void describe(V& v, PairSpec& s) {
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

}  // namespace triage::config
