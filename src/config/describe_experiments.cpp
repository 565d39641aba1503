// The keys of experiments, and of what is measured of the quality of answers.
#include "config/describe.hpp"
#include "judge/graders.hpp"
#include "options/type_of.hpp"

namespace triage {

using options::Describer;
using options::million;

void describe(Describer& v, JudgeSpec& s) {
  v.field({.name = "deployment", .text = "name of the deployment that judges", .required = true}, s.deployment);
  v.field({.name = "share", .text = "part of the answers that it judges, in each arm of an experiment", .most = 1},
          s.share);
  v.field({.name = "daily_budget_usd",
           .text = "for its own calls and the baseline's, by the day in UTC; beyond it nothing is judged",
           .most = 9'000'000,
           .required = true},
          s.daily_budget_usd);
  v.field({.name = "mode",
           .text = "`pointwise`: one answer by itself; `pairwise`: against the baseline's answer to the same request"},
          s.mode);
  v.field({.name = "baseline",
           .text = "name of the deployment that answers are compared with",
           .shown_default = "the strongest of the route's highest tier",
           .check = check_filled},
          s.baseline);
  v.field({.name = "rubric",
           .text = "what a good answer is, in words for the judge",
           .shown_default = "the built-in one",
           .check = check_filled},
          s.rubric);
  v.field({.name = "timeout", .text = "of one of its calls", .least = 1}, s.timeout);
}

void describe(Describer& v, SloSpec& s) {
  v.field({.name = "signal", .text = "what is promised something of", .required = true}, s.signal);
  v.field({.name = "value_min", .text = "its mean is at least so much", .shown_default = "no bound", .most = 1},
          s.value_min);
  v.field({.name = "value_max", .text = "its mean is at most so much", .shown_default = "no bound", .most = 1},
          s.value_max);
  v.field({.name = "confidence", .text = "that `met` and `breached` are true, whenever one looks", .most = 1},
          s.confidence);
}

void describe(Describer& v, DriftSpec& s) {
  v.field({.name = "action", .text = "what an alarm does to the route's experiment; a bare word is short for this key"},
          s.action);
  v.field({.name = "false_alarm_every", .text = "expected time between two false alarms of the route", .least = 60'000},
          s.false_alarm_every);
  v.field({.name = "window",
           .text = "distributions are compared over so long at least; a reference has 24 of them",
           .least = 10,
           .most = 30LL * 24 * 3600 * 1000},
          s.window);
  v.field({.name = "reference",
           .text = "so many requests at least say how things were before",
           .least = 50,
           .most = 100'000},
          s.reference);
}

void describe(Describer& v, QualitySpec& s) {
  v.field({.name = "judge", .text = "a model that grades some of the answers", .shown_default = "none"}, s.judge);
  v.field(
      {.name = "graders",
       .text = "programs that grade answers; those that need a reference do so in `triage evalset run` only; one may "
               "stand without brackets",
       .shown_default = "none",
       .lone = true},
      s.graders);
  v.field({.name = "slo",
           .text = "promises about the answers' quality that are watched all the time; one may stand without brackets",
           .lone = true},
          s.slo);
  v.field({.name = "feedback", .text = "whether `POST /v1/feedback` is taken for the route's answers"}, s.feedback);
  v.field({.name = "feedback_for", .text = "how long after an answer", .least = 1}, s.feedback_for);
  v.field({.name = "feedback_texts",
           .text = "whether comments and corrected answers are kept: as `record.content` says, and redacted where that "
                   "is `off`"},
          s.feedback_texts);
  v.field({.name = "drift",
           .text = "the watch for changes of requests and answers",
           .shown_default = "it warns, falsely once in 30d"},
          s.drift);
}

void describe(Describer& v, StageSpec& s) {
  v.field({.name = "share", .text = "part of the units that gets the treatment", .most = 1, .required = true}, s.share);
  v.field({.name = "at_least", .text = "how long the stage lasts, or longer"}, s.at_least);
  v.field({.name = "units_min", .text = "units that each arm must have seen before the next stage"}, s.units_min);
}

void describe(Describer& v, GuardrailSpec& s) {
  v.field({.name = "signal",
           .text = "in which the treatment must not be worse than control; a bare word is short for this key",
           .required = true},
          s.signal);
  v.field({.name = "margin", .text = "by so much it may be: a difference of means between 0 and 1", .most = 1},
          s.margin);
  v.field({.name = "weight", .text = "its part of `alpha`, relative to the other guardrails'", .most = million},
          s.weight);
  v.field({.name = "cap_usd",
           .text = "of `cost`: a dearer request counts as one that costs this",
           .shown_default = "from control's first requests",
           .most = million},
          s.cap_usd);
}

void describe(Describer& v, WebhookSpec& s) {
  v.field({.name = "url", .text = "where decisions are sent; a bare text is short for this key", .required = true},
          s.url);
  v.field(
      {.name = "secret", .text = "key of the HMAC-SHA256 in `x-triage-signature`", .shown_default = "none: not signed"},
      s.secret);
  v.field({.name = "timeout", .text = "of one try", .least = 1}, s.timeout);
  v.field({.name = "attempts", .text = "tries, with growing pauses", .least = 1, .most = 20}, s.attempts);
}

void describe(Describer& v, ExperimentSpec& s) {
  v.field({.name = "name", .text = "of the experiment; no other has it", .required = true, .check = check_name},
          s.name);
  v.field({.name = "control",
           .text = "what most users get, as far as it differs from the route",
           .shown_default = "the route as it is"},
          s.control);
  v.field({.name = "treatment", .text = "what the others get, as far as it differs from the route", .required = true},
          s.treatment);
  v.field({.name = "unit",
           .text = "whose requests all get the same: the first of these that a request has; one may stand without "
                   "brackets. Without any, each request is a unit",
           .shown_default = "key",
           .lone = true},
          s.unit);
  v.field({.name = "salt",
           .text = "of the draw; with another one, other units get the treatment",
           .shown_default = "the name"},
          s.salt);
  v.field({.name = "stages",
           .text = "steps from a small share to all",
           .shown_default = "1 % for 1d, 10 % for 2d, 50 % for 4d, then all"},
          s.stages);
  v.field({.name = "guardrails",
           .text = "signals in which the treatment must not be worse; one may stand without brackets",
           .lone = true},
          s.guardrails);
  v.field({.name = "alpha", .text = "probability of a false alarm, however often one looks", .most = 1}, s.alpha);
  v.field({.name = "on_breach",
           .text = "`rollback`: all get control again, for good; `hold`: the share stays until somebody decides"},
          s.on_breach);
  v.field({.name = "exclusive",
           .text = "name of a group of experiments that never share a unit: each has an equal part of the units, and "
                   "its shares are of that part",
           .shown_default = "in no group",
           .check = check_name},
          s.exclusive);
  v.field({.name = "window",
           .text = "how long a unit's answers count as one observation, at first; each next time twice as long"},
          s.window);
  v.field({.name = "units_max",
           .text = "units that are told apart, at about 100 bytes each; more are not counted",
           .least = 1000,
           .most = 100 * million},
          s.units_max);
  v.field({.name = "webhook", .text = "who is told of each decision", .shown_default = "nobody"}, s.webhook);
}

namespace {

using options::kind_of;

const options::Kind unit_kinds[] = {
    kind_of<std::string>("header", "the value of that header"),
    kind_of<std::string>("field", "the text of that member of the body, such as `user`"),
    kind_of<std::string>("metadata", "that entry of the request's `metadata`"),
    kind_of<NoOptions>("session", "the client's own id of the conversation, in `x-triage-session`"),
    kind_of<NoOptions>("key", "the gateway key's name"),
};

}  // namespace

std::vector<const options::Kind*> options::Choice<UnitSpec>::kinds() {
  std::vector<const Kind*> out;
  for (const Kind& kind : unit_kinds) out.push_back(&kind);
  return out;
}

}  // namespace triage
