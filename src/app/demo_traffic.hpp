#pragma once
// `serve --demo --traffic`: simulated users, so that there is something to see.

#include "triage/spec.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <stop_token>
#include <thread>
#include <vector>

namespace triage {

class DemoTraffic {
 public:
  static constexpr std::uint64_t questions_max = 14'400;
  static constexpr std::uint64_t questions_per_second = 8;

  /// Begins to ask. It ends after `questions_max` questions, half an hour.
  explicit DemoTraffic(Address gateway);
  DemoTraffic(const DemoTraffic&) = delete;
  DemoTraffic& operator=(const DemoTraffic&) = delete;
  /// Waits for the answers that are under way.
  ~DemoTraffic();

 private:
  void ask_on(const std::stop_token& stop);

  const Address gateway_;
  std::atomic<std::uint64_t> asked_{0};
  std::vector<std::jthread> users_;
};

}  // namespace triage
