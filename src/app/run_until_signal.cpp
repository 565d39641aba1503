#include "app/run_until_signal.hpp"

#include "app/successor.hpp"
#include "app/supervisor.hpp"
#include "base/log.hpp"

#include <sys/resource.h>
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>

namespace triage {
namespace {

sigset_t signals(bool gateway) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  if (gateway) {
    sigaddset(&set, SIGHUP);
    sigaddset(&set, reload_signal);
    sigaddset(&set, SIGUSR2);
  }
  return set;
}

// Returns one of signals(gateway), or 0 after `patience`.
int next_signal(std::chrono::milliseconds patience, bool gateway) {
  const sigset_t set = signals(gateway);
  timespec wait{};
  wait.tv_sec = patience.count() / 1000;
  wait.tv_nsec = (patience.count() % 1000) * 1'000'000;
  const int signal = sigtimedwait(&set, nullptr, &wait);
  return signal < 0 ? 0 : signal;
}

}  // namespace

int run_until_signal(Service& service) {
  using Clock = std::chrono::steady_clock;
  using std::chrono::milliseconds;
  constexpr milliseconds tend_every{1000};
  auto tend_at = Clock::now() + tend_every;
  Successor successor;
  bool followed = false;
  while (!followed) {
    auto patience = std::max(std::chrono::duration_cast<milliseconds>(tend_at - Clock::now()), milliseconds(0));
    if (successor.starting()) patience = std::min(patience, milliseconds(20));
    const int signal = next_signal(patience, true);
    if (signal == SIGINT || signal == SIGTERM) break;
    if (signal == SIGHUP) service.reload("SIGHUP");
    if (signal == SIGUSR2) successor.start(service.sockets());
    followed = successor.look();
    service.answer_reload_requests();
    if (Clock::now() < tend_at) continue;
    service.tend();
    tend_at = Clock::now() + tend_every;
  }
  if (followed) {
    service.hand_over();
  } else {
    tell_supervisor("STOPPING=1");
    service.stop_accepting();
  }
  const auto until = Clock::now() + service.grace();
  while (!service.idle() && Clock::now() < until && next_signal(milliseconds(20), false) == 0) {
  }
  if (!service.stop()) {
    log::warn("some connections did not end in time");
    std::quick_exit(0);
  }
  return 0;
}

void block_signals(bool gateway) {
  const sigset_t set = signals(gateway);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // a file size limit is then a write error, like a full disk
}

void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace triage
