#pragma once
// The part of describe.hpp that is about routers.

#include "config/key.hpp"

namespace triage::config {

template <class V>
void describe(V& v, FixedRouterSpec& s) {
  v.field({.name = "tier", .text = "the tier that it picks", .required = true}, s.tier);
}

template <class V>
void describe(V& v, HeaderRouterSpec& s) {
  v.field({.name = "name", .text = "the request header whose value is a tier", .check = check_field_name}, s.name);
}

template <class V>
void describe(V& v, WeightedRouterSpec& s) {
  v.field({.name = "tier", .text = "the tier whose deployments share the requests by weight", .required = true},
          s.tier);
}

template <class V>
void describe(V& v, BoundsSpec& s) {
  v.field({.name = "gt", .text = "greater than"}, s.gt);
  v.field({.name = "gte", .text = "greater than or equal to"}, s.gte);
  v.field({.name = "lt", .text = "less than", .least = 1}, s.lt);
  v.field({.name = "lte", .text = "less than or equal to"}, s.lte);
}

template <class V>
void describe(V& v, ConditionSpec& s) {
  v.field({.name = "tokens", .text = "estimated tokens of the last user turn"}, s.tokens);
  v.field({.name = "tokens_all", .text = "estimated tokens of all messages and tools"}, s.tokens_all);
  v.field({.name = "keywords",
           .text = "words or phrases, any of which stands in the last user turn, in any case",
           .check = check_keyword},
          s.keywords);
  v.field(
      {.name = "regex", .text = "RE2 expression that matches somewhere in the last user turn", .check = check_regex},
      s.regex);
  v.field({.name = "code", .text = "the last user turn is about program text"}, s.code);
  v.field({.name = "math", .text = "the last user turn is about mathematics"}, s.math);
  v.field({.name = "turns", .text = "messages of the user"}, s.turns);
  v.field({.name = "system", .text = "there is a system prompt"}, s.system);
  v.field({.name = "tools", .text = "there are tools"}, s.tools);
  v.field({.name = "response_format", .text = "the wanted form"}, s.response_format);
  v.field({.name = "images", .text = "images in all messages"}, s.images);
  v.field({.name = "max_tokens", .text = "the request's own limit; does not hold where it sets none"}, s.max_tokens);
  v.field({.name = "script", .text = "writing system of the last user turn"}, s.script);
  v.field({.name = "metadata",
           .text = "entries of the request's `metadata`; `*` stands for any text",
           .check = check_glob,
           .entry = "name"},
          s.metadata);
  v.field({.name = "all", .text = "conditions that all hold"}, s.all);
  v.field({.name = "any", .text = "conditions of which one holds"}, s.any);
  v.field({.name = "not", .text = "a condition that does not hold"}, s.negated);
}

template <class V>
void describe(V& v, RuleSpec& s) {
  v.field({.name = "name", .text = "what reasons and logs call it", .required = true, .check = check_name}, s.name);
  v.field({.name = "when", .text = "what a request must look like: all that is named must hold", .required = true},
          s.when);
  v.field({.name = "tier", .text = "the tier to start with; the first rule that holds wins", .shown_default = "none"},
          s.tier);
  v.field({.name = "floor", .text = "no tier below it", .shown_default = "none"}, s.floor);
  v.field({.name = "ceiling", .text = "no tier above it, unless a floor is", .shown_default = "none"}, s.ceiling);
  v.field({.name = "class", .text = "what kind of task it is"}, s.task_class);
}

template <class V>
void describe(V& v, HeuristicRouterSpec& s) {
  v.field({.name = "rules", .text = "all of them are asked, in order", .required = true}, s.rules);
}

template <class V>
void describe(V& v, LabelSpec& s) {
  v.field({.name = "label", .text = "the word that the model answers with", .required = true, .check = check_name},
          s.label);
  v.field({.name = "tier", .text = "the tier that it stands for", .required = true}, s.tier);
  v.field({.name = "text", .text = "what belongs under it, for the model", .shown_default = "none"}, s.text);
}

template <class V>
void describe(V& v, LabelledSpec& s) {
  v.field({.name = "text", .text = "a request", .required = true, .check = check_filled}, s.text);
  v.field({.name = "label", .text = "its label", .required = true}, s.label);
}

template <class V>
void describe(V& v, VerdictCacheSpec& s) {
  v.field({.name = "entries", .text = "labels that are remembered; 0: none", .most = 10'000'000}, s.entries);
  v.field({.name = "ttl", .text = "for how long", .least = 1}, s.ttl);
}

template <class V>
void describe(V& v, LlmRouterSpec& s) {
  v.field({.name = "deployment", .text = "the model that sorts requests: small and quick", .required = true},
          s.deployment);
  v.field({.name = "timeout", .text = "how long it is waited for; then the next router is asked", .least = 1},
          s.timeout);
  v.field({.name = "prompt", .text = "what it is told, before the labels", .shown_default = "a built-in text"},
          s.prompt);
  v.field({.name = "labels",
           .text = "what it chooses from",
           .shown_default = "one for each of the route's tiers, without the specialists"},
          s.labels);
  v.field({.name = "examples", .text = "requests with their labels, shown to it"}, s.examples);
  v.field({.name = "sees",
           .text = "what it is shown of the request: `turn` the last user turn, `conversation` all messages' texts"},
          s.sees);
  v.field({.name = "sees_max",
           .formerly = "most",
           .text = "how much of that; of more, the beginning and the end",
           .least = 64,
           .most = 1'048'576},
          s.sees_max);
  v.field({.name = "structured", .text = "its answer is bound to a JSON schema; for servers that know none: false"},
          s.structured);
  v.field({.name = "cache", .text = "labels of prompts that came before"}, s.cache);
}

template <class V>
void describe(V& v, RouterSpec& s) {
  v.kind({.name = "header", .text = "the tier that the client names in a header, if its key may"}, s.header, false);
  v.kind({.name = "heuristic", .text = "rules over what the request looks like"}, s.heuristic, false);
  v.kind({.name = "weighted", .text = "always picks one tier, for its weights"}, s.weighted, true);
  v.kind({.name = "fixed", .text = "always picks one tier"}, s.fixed, true);
  v.kind({.name = "llm",
          .text = "a small model sorts the request; without an answer in time the next router is asked, "
                  "or at the end of a chain the highest tier is picked"},
         s.llm, false);
  v.later({"classifier", "similarity"});
}

}  // namespace triage::config
