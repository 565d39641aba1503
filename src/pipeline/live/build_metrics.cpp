#include "pipeline/live/build_metrics.hpp"

namespace triage {

RouteMetrics route_metrics(Metrics& metrics, const std::string& route) {
  RouteMetrics out;
  for (std::size_t i = 0; i < outcome_names.size(); ++i)
    out.requests[i] = &metrics.counter("triage_requests_total", "Requests answered, by how they ended.",
                                       {{"route", route}, {"outcome", std::string(outcome_names[i])}});
  const Labels labels{{"route", route}};
  out.retries = &metrics.counter("triage_retries_total", "Attempts at the same deployment again.", labels);
  out.fallbacks = &metrics.counter("triage_fallbacks_total", "Attempts at another deployment.", labels);
  out.fell = &metrics.counter("triage_cheaper_fallbacks_total",
                              "Requests for which cheaper tiers were asked because all others had failed.", labels);
  const std::string hedges = "Second calls because the first was slow, by whether they answered first.";
  out.hedges_won = &metrics.counter("triage_hedges_total", hedges, {{"route", route}, {"result", "won"}});
  out.hedges_lost = &metrics.counter("triage_hedges_total", hedges, {{"route", route}, {"result", "lost"}});
  const std::string rescues = "Streams that were cut off and that another attempt was to go on with.";
  out.rescued = &metrics.counter("triage_rescues_total", rescues, {{"route", route}, {"result", "rescued"}});
  out.rescues_failed = &metrics.counter("triage_rescues_total", rescues, {{"route", route}, {"result", "failed"}});
  const std::string cascades = "Requests through a cascade, by whether a stronger tier was asked in the end.";
  out.cascades_accepted =
      &metrics.counter("triage_cascades_total", cascades, {{"route", route}, {"result", "accepted"}});
  out.cascades_escalated =
      &metrics.counter("triage_cascades_total", cascades, {{"route", route}, {"result", "escalated"}});
  out.cost_nano_usd =
      &metrics.counter("triage_route_cost_nano_usd_total",
                       "What requests cost, in USD / 1,000,000,000, where the next is known, too.", labels);
  out.frontier_cost_nano_usd = &metrics.counter(
      "triage_frontier_cost_nano_usd_total", "What their answers would have cost from the route's top tier.", labels);
  out.latency = &metrics.histogram("triage_request_seconds", "From a request's first byte to its end.", labels);
  out.first_byte =
      &metrics.histogram("triage_first_byte_seconds", "From a request's first byte to the answer's.", labels);
  out.overhead = &metrics.histogram("triage_overhead_seconds", "The gateway's own part of a request's time.", labels);
  return out;
}

Counter& unknown_prices(Metrics& metrics, const std::string& deployment) {
  return metrics.counter("triage_unknown_prices_total", "Calls whose cost is not known for want of a price.",
                         {{"deployment", deployment}});
}

DeploymentMetrics deployment_metrics(Metrics& metrics, const std::string& deployment) {
  DeploymentMetrics out;
  for (std::size_t i = 0; i < outcome_names.size(); ++i)
    out.attempts[i] = &metrics.counter("triage_attempts_total", "Calls to deployments, by how they ended.",
                                       {{"deployment", deployment}, {"outcome", std::string(outcome_names[i])}});
  for (std::size_t i = 0; i < token_kinds.size(); ++i)
    out.tokens[i] = &metrics.counter("triage_tokens_total",
                                     "Tokens, reported or estimated. input holds input_cached and cache_write, output "
                                     "holds reasoning.",
                                     {{"deployment", deployment}, {"kind", std::string(token_kinds[i])}});
  const Labels labels{{"deployment", deployment}};
  out.cost_nano_usd =
      &metrics.counter("triage_cost_nano_usd_total", "What calls cost, in USD / 1,000,000,000.", labels);
  out.unknown_prices = &unknown_prices(metrics, deployment);
  return out;
}

}  // namespace triage
