// The keys of routes.
#include "config/describe.hpp"
#include "options/type_of.hpp"
#include "routing/routers.hpp"

namespace triage {

using options::Describer;

void describe(Describer& v, MatchSpec& s) {
  v.field({.name = "models",
           .text = "models that clients ask for; `*` stands for any text, `auto` for the default route",
           .shown_default = "none: only `triage/ROUTE`",
           .check = check_glob},
          s.models);
  v.field({.name = "paths",
           .text = "paths that clients call; `*` stands for any text",
           .shown_default = "chat/completions, completions, embeddings, messages",
           .check = check_path_glob},
          s.paths);
  v.field({.name = "headers",
           .text = "request headers that must be there; `*` in a value stands for any text",
           .check = check_glob,
           .check_key = check_field_name,
           .entry = "header"},
          s.headers);
  v.field({.name = "keys", .text = "names of gateway keys, one of which calls"}, s.keys);
  v.field({.name = "metadata",
           .text = "entries of the request's `metadata`; `*` stands for any text",
           .check = check_glob,
           .entry = "name"},
          s.metadata);
}

void describe(Describer& v, TierMember& s) {
  v.field({.name = "deployment", .text = "name of a deployment; a bare name is short for this key", .required = true},
          s.deployment);
  v.field({.name = "weight",
           .text = "its share of the tier's requests, relative to the others'; 0: called only if they cannot answer",
           .most = 1'000'000},
          s.weight);
}

void describe(Describer& v, TimeoutsSpec& s) {
  v.field({.name = "connect", .text = "name lookup, TCP, proxy and TLS", .least = 1}, s.connect);
  v.field(
      {.name = "first_byte",
       .text = "from the start of a call to the first byte of its answer; at most an equal share of what is left of "
               "`total` if other providers or tiers can be called",
       .shown_default = "30s for streams; for whole answers see `whole`",
       .least = 1},
      s.first_byte);
  v.field(
      {.name = "whole",
       .text = "the same for an answer that is not streamed, which comes when all of it is generated; at most three "
               "quarters of what is left of `total` if others can be called",
       .shown_default = "`first_byte` if that is written, else `total`",
       .least = 1},
      s.whole);
  v.field({.name = "first_event",
           .text = "from the head of a stream to its first event, which may come after minutes of reasoning; bounded "
                   "by a share as "
                   "`first_byte` is",
           .least = 1},
          s.first_event);
  v.field({.name = "idle", .text = "silence between two pieces of an answer", .least = 1}, s.idle);
  v.field({.name = "total", .text = "all calls for a request together", .least = 1}, s.total);
}

void describe(Describer& v, RetrySpec& s) {
  v.field({.name = "attempts", .text = "tries of one deployment, the first included", .least = 1, .most = 10},
          s.attempts);
  v.field({.name = "budget",
           .text = "retries per request over ten seconds; beyond it the next deployment is asked",
           .most = 1},
          s.budget);
  v.field({.name = "budget_min",
           .formerly = "budget_least",
           .text = "retries that any ten seconds may have, whatever the share"},
          s.budget_min);
  v.field({.name = "backoff",
           .text = "upper bound of the first pause; it doubles, and each pause is drawn uniformly below it",
           .least = 1},
          s.backoff);
  v.field({.name = "backoff_max", .text = "largest upper bound of a pause", .least = 1}, s.backoff_max);
  v.field({.name = "wait",
           .text = "a rest up to this long, which a provider asks for (`Retry-After`), is waited for before another "
                   "deployment is called; 0s: the other is called at once"},
          s.wait);
  v.field(
      {.name = "wait_max", .text = "the same if no other deployment can be called; the client is told of a longer one"},
      s.wait_max);
}

void describe(Describer& v, HedgeSpec& s) {
  v.field({.name = "quantile",
           .text = "of the deployment's own times to the first byte: silence for longer than that starts a second call",
           .most = 1},
          s.quantile);
  v.field({.name = "delay_min", .formerly = "least", .text = "no second call sooner", .least = 1}, s.delay_min);
  v.field({.name = "after",
           .text = "as long as fewer than 20 such times are known",
           .shown_default = "no second call until then",
           .least = 1},
          s.after);
  v.field({.name = "budget", .text = "second calls per request over ten seconds", .most = 1}, s.budget);
}

// What a route and an arm of its experiment have in common.
static void describe_policy(Describer& v, RouteSpec& s, bool whole) {
  v.field({.name = "tiers", .text = "deployments that serve each tier", .required = whole, .entry = "tier"}, s.tiers);
  v.field(
      {.name = "order",
       .text = "how a tier's deployments share its requests: `weighted`, or `listed`: all go to the first; the next "
               "is called only if that one cannot answer. Weights then mean nothing"},
      s.order);
  v.field({.name = "fallback",
           .text = "who is asked where all deployments of the chosen tier fail: those of `stronger` tiers, or `any`: "
                   "in the end those of cheaper tiers, too, down to the floor"},
          s.fallback);
  v.field({.name = "routers",
           .text = "chain that picks the tier to start with: the first that picks wins",
           .shown_default = "the route's highest tier"},
          s.routers);
  v.field({.name = "timeouts", .text = "when to give up on a provider"}, s.timeouts);
  v.field({.name = "retry", .text = "what is done when a call fails before the answer has begun"}, s.retry);
  v.field({.name = "hedge",
           .text = "a second call to another deployment when an answer is slow to begin; the slower one is cancelled",
           .shown_default = "no second calls"},
          s.hedge);
  v.field(
      {.name = "sticky",
       .text = "so long after an answer a conversation's tier does not fall, because the provider has its prompt in "
               "a cache; 0s: it may"},
      s.sticky);
  v.field({.name = "latch",
           .text = "a conversation whose answer was escalated keeps at least that tier for the rest of its task, which "
                   "is until the next user turn, however long its tools take"},
          s.latch);
  v.field({.name = "cascade",
           .text = "an answer is verified before the client gets it, and a rejected one is asked for one tier up: "
                   "docs/cascade.md",
           .shown_default = "answers go straight to the client"},
          s.cascade);
  v.field({.name = "rescue",
           .text = "what is done about a stream that a provider cuts off after the client has its beginning: "
                   "docs/cascade.md"},
          s.rescue);
  v.field({.name = "ensemble",
           .text = "of some requests both the cheap and the strong tier's answers are asked for, and the better one is "
                   "given: docs/ensemble.md",
           .shown_default = "one answer a request"},
          s.ensemble);
  v.field({.name = "shadow",
           .text = "of some requests the other tier's answer is asked for afterwards, for comparison",
           .shown_default = "one answer a request"},
          s.shadow);
}

void describe(Describer& v, RouteSpec& s) {
  v.field({.name = "match", .text = "which requests take this route; the first route that matches gets them"}, s.match);
  describe_policy(v, s, true);
  v.field({.name = "record",
           .text = "what the ledger keeps of the texts of requests and answers; a bare word is its `content`"},
          s.record);
  v.field({.name = "quality",
           .text = "how the quality of the answers is measured: docs/quality.md",
           .shown_default = "only by what each request shows"},
          s.quality);
  v.field({.name = "experiment",
           .text = "a share of the users gets another policy, which is compared with this one: docs/experiments.md",
           .shown_default = "all get the same"},
          s.experiment);
}

void describe(Describer& v, ArmSpec& s) {
  describe_policy(v, s, false);
  v.elsewhere({"match", "record", "quality", "experiment", "name"}, "both arms have the route's own");
}

void start_as(ArmSpec& arm, const RouteSpec& route) {
  RouteSpec& policy = arm;
  policy = route;
  policy.match = {};
  policy.experiment.reset();
}

}  // namespace triage
