#include "pipeline/live/key_ring.hpp"

#include <algorithm>

namespace triage {
namespace {

using std::chrono::milliseconds;

// Shorter rests would let a request go round among keys that are all refused.
constexpr milliseconds rest_min{1'000};
constexpr milliseconds rest_max{3'600'000};

}  // namespace

KeyRing::KeyRing(const Provider& provider, const RestOf& rest_of, Metrics& metrics) : rest_(provider.key_rest) {
  for (const ProviderKey& key : provider.keys) {
    Key& made = keys_.emplace_back();
    made.provider = provider;
    made.provider.api_key = key.key;
    made.until = &rest_of(key);
    const Labels labels{{"provider", provider.name}, {"key", key.name}};
    made.calls = &metrics.counter("triage_provider_key_calls_total", "Calls with one of a provider's keys.", labels);
    made.rested =
        &metrics.counter("triage_provider_key_rests_total",
                         "How often one of a provider's keys got 401, 403 or 429 and was left alone.", labels);
  }
}

std::string_view KeyRing::name(std::size_t key) const noexcept {
  return keys_[key].provider.keys[key].name;
}

std::size_t KeyRing::next(Clock::time_point now) {
  const std::size_t start = turn_.fetch_add(1, std::memory_order_relaxed);
  const auto ticks = now.time_since_epoch().count();
  std::size_t chosen = first_awake();
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    const std::size_t at = (start + i) % keys_.size();
    if (keys_[at].until->load(std::memory_order_relaxed) > ticks) continue;
    chosen = at;
    break;
  }
  keys_[chosen].calls->add();
  return chosen;
}

// The one that rests least.
std::size_t KeyRing::first_awake() const {
  const auto until = [](const Key& key) { return key.until->load(std::memory_order_relaxed); };
  return static_cast<std::size_t>(std::ranges::min_element(keys_, {}, until) - keys_.begin());
}

milliseconds KeyRing::refused(std::size_t key, int status, milliseconds asked, Clock::time_point now) {
  const milliseconds rest = status == 429 && asked > milliseconds(0) ? asked : rest_;
  const auto until = (now + std::clamp(rest, rest_min, rest_max)).time_since_epoch().count();
  keys_[key].until->store(until, std::memory_order_relaxed);
  keys_[key].rested->add();
  const auto first = keys_[first_awake()].until->load(std::memory_order_relaxed);
  const Clock::duration left(first - now.time_since_epoch().count());
  return std::max(milliseconds(0), std::chrono::ceil<milliseconds>(left));
}

}  // namespace triage
