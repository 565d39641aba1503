#pragma once
// The keys of one provider that has several, used in turn. A key that is refused (401, 403) or has used up its limit
// (429) rests; if all rest, the one that has rested first is used. Rests are kept by provider and key, and outlive the
// ring, which is made anew with each configuration. Thread-safe.

#include "base/metrics.hpp"
#include "triage/provider_spec.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

namespace triage {

/// Whether an answer with this status says that another key might do better.
constexpr bool is_about_key(int status) noexcept {
  return status == 401 || status == 403 || status == 429;
}

class KeyRing {
 public:
  using Clock = std::chrono::steady_clock;
  using Rest = std::atomic<Clock::rep>;  ///< until when, since the clock's epoch
  using RestOf = std::function<Rest&(const ProviderKey& key)>;

  /// Of `provider`, which has keys.
  KeyRing(const Provider& provider, const RestOf& rest_of, Metrics& metrics);

  /// The key for a call that begins now.
  std::size_t next(Clock::time_point now);

  /// The provider, to be called with that key: its `api_key`.
  [[nodiscard]] const Provider& provider(std::size_t key) const noexcept { return keys_[key].provider; }
  [[nodiscard]] std::string_view name(std::size_t key) const noexcept;

  /// The answer to a call with `key` had a status that is_about_key(). `asked`: how long the provider wants to be left
  /// alone, zero or less if it does not say. Returns how long until a key can be used again; zero: one can be now.
  std::chrono::milliseconds refused(std::size_t key, int status, std::chrono::milliseconds asked,
                                    Clock::time_point now);

 private:
  struct Key {
    Provider provider;
    Rest* until = nullptr;
    Counter* calls = nullptr;
    Counter* rested = nullptr;
  };
  [[nodiscard]] std::size_t first_awake() const;

  std::vector<Key> keys_;
  const std::chrono::milliseconds rest_;
  std::atomic<std::size_t> turn_{0};
};

}  // namespace triage
