#include "pipeline/live/build_keys.hpp"

namespace triage {
namespace {

KeyMetrics metrics_of(Metrics& metrics, const std::string& key) {
  KeyMetrics out;
  const Labels labels{{"key", key}};
  out.requests = &metrics.counter("triage_key_requests_total", "Requests of a gateway key.", labels);
  for (std::size_t kind = 0; kind < token_kinds.size(); ++kind)
    out.tokens[kind] = &metrics.counter("triage_key_tokens_total", "Tokens of calls for a gateway key's requests.",
                                        {{"key", key}, {"kind", std::string(token_kinds[kind])}});
  out.cost_nano_usd = &metrics.counter("triage_key_cost_nano_usd_total",
                                       "What calls for a gateway key's requests cost, in USD / 1,000,000,000.", labels);
  return out;
}

void add_provider_keys(Snapshot& snapshot, Metrics& metrics, LiveState& live_state) {
  for (Provider& provider : snapshot.spec.providers) {
    if (provider.keys.empty()) continue;
    provider.api_key = provider.keys.front().key;
    const auto rest_of = [&](const ProviderKey& key) -> KeyRing::Rest& {
      return live_state.key_rest(provider.name, key);
    };
    snapshot.key_rings.emplace(provider.name, std::make_unique<KeyRing>(provider, rest_of, metrics));
  }
}

void add_key_metrics(Snapshot& snapshot, Metrics& metrics, LiveState& live_state) {
  constexpr const char* shared = "other";
  const auto slot = [&](const std::string& key) {
    const auto [found, fresh] = snapshot.key_metrics.try_emplace(key);
    if (fresh) found->second = metrics_of(metrics, key);
    return &found->second;
  };
  for (const KeySpec& key : snapshot.spec.keys)
    snapshot.metrics_of_keys.push_back(
        slot(live_state.has_key_metrics(key.name, snapshot.spec.limits.key_metrics) ? key.name : shared));
}

}  // namespace

void add_keys(Snapshot& snapshot, Metrics& metrics, LiveState& live_state) {
  add_provider_keys(snapshot, metrics, live_state);
  add_key_metrics(snapshot, metrics, live_state);
}

}  // namespace triage
