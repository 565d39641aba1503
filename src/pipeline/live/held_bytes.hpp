#pragma once

#include <atomic>
#include <cstdint>

namespace triage {

/// Bytes of held answers, over all requests. Thread-safe.
class HeldBytes {
 public:
  void add(std::int64_t bytes) noexcept { held_.fetch_add(bytes, std::memory_order_relaxed); }
  [[nodiscard]] std::int64_t held() const noexcept { return held_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> held_{0};
};

}  // namespace triage
