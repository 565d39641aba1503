#include "app/service.hpp"

#include "app/build_snapshot.hpp"
#include "base/log.hpp"

#include <sys/resource.h>
#include <boost/asio/post.hpp>
#include <csignal>
#include <ctime>

namespace triage {
namespace {

std::size_t loop_count(const ConfigSpec& spec) {
  return spec.listen.loops > 0 ? spec.listen.loops : std::max(1U, std::thread::hardware_concurrency());
}

http::ServerOptions front_options(const ConfigSpec& spec) {
  http::ServerOptions options;
  options.address = spec.listen.address;
  options.tls = spec.listen.tls;
  options.limits = spec.limits;
  options.cors = spec.listen.cors;
  return options;
}

http::ServerOptions back_options(const ConfigSpec& spec) {
  http::ServerOptions options;
  options.name = "admin";
  options.address = spec.admin.address;
  return options;
}

// SIGINT or SIGTERM, or 0 after `patience`.
int next_signal(std::chrono::milliseconds patience) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  timespec wait{};
  wait.tv_sec = patience.count() / 1000;
  wait.tv_nsec = (patience.count() % 1000) * 1'000'000;
  const int signal = sigtimedwait(&set, nullptr, &wait);
  return signal < 0 ? 0 : signal;
}

}  // namespace

void LoopThread::release() {
  asio::post(loop_.io, [this] {
    loop_.deadlines.stop();
    work_.reset();
  });
}

Service::PerLoop::PerLoop(std::size_t index, const std::shared_ptr<const Snapshot>& snapshot, Metrics& metrics)
    : thread(index) {
  UpstreamOptions options;
  options.dns_ttl = snapshot->spec.dns_ttl;
  options.limits = snapshot->spec.limits;
  client = std::make_unique<Client>(thread.loop(), options, metrics);
  gateway = std::make_unique<Gateway>(thread.loop(), *client, snapshot);
}

Service::Service(ConfigSpec spec, std::string version)
    : snapshot_(build_snapshot(std::move(spec), std::move(version), metrics_, health_)),
      admin_(metrics_, [this] { return !front_.stopping(); }),
      admin_thread_(loop_count(snapshot_->spec)),
      front_(front_options(snapshot_->spec), metrics_),
      back_(back_options(snapshot_->spec), metrics_) {
  for (std::size_t i = 0; i < loop_count(snapshot_->spec); ++i) {
    loops_.push_back(std::make_unique<PerLoop>(i, snapshot_, metrics_));
    front_.listen(loops_.back()->thread.loop(), *loops_.back()->gateway);
  }
  back_.listen(admin_thread_.loop(), admin_);
}

Service::~Service() = default;

void Service::start() {
  for (const auto& here : loops_) here->thread.start();
  admin_thread_.start();
}

void Service::tend() {
  if (front_.tls() == nullptr) return;
  const std::string failure = front_.tls()->reload_if_changed();
  if (!failure.empty()) log::error("the old certificate stays in use: " + failure);
}

bool Service::stop() {
  front_.stop();
  back_.stop();
  front_.close_all();
  back_.close_all();
  for (int i = 0; i < 200 && front_.connections() + back_.connections() > 0; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  if (front_.connections() + back_.connections() > 0) return false;
  for (const auto& here : loops_) {
    asio::post(here->thread.loop().io, [&client = *here->client] { client.close_idle(); });
    here->thread.release();
  }
  admin_thread_.release();
  for (const auto& here : loops_) here->thread.join();
  admin_thread_.join();
  return true;
}

int run_until_signal(Service& service, std::chrono::milliseconds grace) {
  using Clock = std::chrono::steady_clock;
  while (next_signal(std::chrono::milliseconds(2000)) == 0) service.tend();
  service.stop_accepting();
  const auto until = Clock::now() + grace;
  while (!service.idle() && Clock::now() < until && next_signal(std::chrono::milliseconds(20)) == 0) {
  }
  if (!service.stop()) {
    log::warn("some connections did not end in time");
    std::quick_exit(0);
  }
  return 0;
}

void block_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace triage
