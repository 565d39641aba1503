#include "app/service.hpp"

#include "app/successor.hpp"
#include "app/supervisor.hpp"
#include "base/log.hpp"
#include "config/schema.hpp"
#include "ledger/spent.hpp"
#include "pipeline/live/build_snapshot.hpp"

#include <sys/resource.h>
#include <unistd.h>
#include <algorithm>
#include <boost/asio/post.hpp>
#include <csignal>
#include <ctime>
#include <latch>

namespace triage {
namespace {

std::size_t loop_count(const ConfigSpec& spec) {
  return spec.listen.loops > 0 ? spec.listen.loops : std::max(1U, std::thread::hardware_concurrency());
}

http::ServerOptions front_options(const ConfigSpec& spec, const std::vector<int>& sockets = {}) {
  http::ServerOptions options;
  options.sockets = sockets;
  options.address = spec.listen.address;
  options.tls = spec.listen.tls;
  options.limits = spec.limits;
  options.cors = spec.listen.cors;
  return options;
}

http::ServerOptions back_options(const ConfigSpec& spec, const std::vector<int>& sockets) {
  http::ServerOptions options;
  options.sockets = sockets;
  options.name = "admin";
  options.address = spec.admin.address;
  return options;
}

void use_log(const LogSpec& spec) {
  log::use(spec.format == LogFormat::json ? log::Format::json : log::Format::text);
}

// How long requests that the gateway has given up may take to tell their clients so.
constexpr std::chrono::milliseconds last_words{1000};

constexpr int wake_signal = SIGUSR1;  // the admin API asks for a reload

sigset_t signals(bool gateway) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  if (gateway) {
    sigaddset(&set, SIGHUP);
    sigaddset(&set, wake_signal);
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

void LoopThread::release() {
  asio::post(loop_.io, [this] {
    loop_.deadlines.stop();
    work_.reset();
  });
}

Service::PerLoop::PerLoop(std::size_t index, const std::shared_ptr<const Snapshot>& snapshot, Metrics& metrics,
                          Ledger* ledger, ScorePool& scores, FeedbackStore* feedback)
    : thread(index) {
  UpstreamOptions options;
  options.dns_ttl = snapshot->spec.dns_ttl;
  options.limits = snapshot->spec.limits;
  client = std::make_unique<HttpUpstream>(thread.loop(), options, metrics);
  gateway = std::make_unique<Gateway>(thread.loop(), *client, snapshot, ledger, &scores, feedback);
}

Service::Service(const Loaded& first, Reloads::Read read, BeforeUse before_use, const PassedSockets& passed)
    : before_use_(std::move(before_use)),
      snapshot_(build_snapshot(first.spec, first.version, metrics_, live_state_)),
      reloads_(
          first, std::move(read),
          [this](ConfigSpec spec, const std::string& version) { use(std::move(spec), version); }, metrics_),
      log_dropped_(metrics_.counter("triage_log_dropped_total", "Lines that stderr did not take in time.")),
      admin_(metrics_, *this),
      scores_(std::max(1U, std::thread::hardware_concurrency() / 2)),
      admin_thread_(loop_count(snapshot_->spec)),
      front_(front_options(snapshot_->spec, passed.api), metrics_),
      back_(back_options(snapshot_->spec, passed.admin), metrics_) {
  use_log(snapshot_->spec.log);
  take_up_budgets();
  if (snapshot_->spec.ledger) {
    ledger_ = std::make_unique<ledger::FileLedger>(*snapshot_->spec.ledger, metrics_);
    follower_ = std::make_unique<ledger::Follower>(snapshot_->spec.ledger->dir);
    slo_watch_ = std::make_unique<ledger::SloWatch>(snapshot_->spec.ledger->dir, metrics_);
    slo_watch_->use(snapshot_->spec.routes);
    follower_->add(*slo_watch_);
    feedback_ = std::make_unique<ledger::FeedbackKeeper>(snapshot_->spec.ledger->dir, *ledger_);
    feedback_->set_most(snapshot_->spec.limits.feedback);
  }
  for (std::size_t i = 0; i < loop_count(snapshot_->spec); ++i) {
    loops_.push_back(std::make_unique<PerLoop>(i, snapshot_, metrics_, ledger_.get(), scores_, feedback_.get()));
    front_.listen(loops_.back()->thread.loop(), *loops_.back()->gateway, loop_count(snapshot_->spec));
  }
  back_.listen(admin_thread_.loop(), admin_);
}

Service::~Service() = default;

// Counts what pairs of answers have cost today before this start.
void Service::take_up_budgets() {
  const ConfigSpec& spec = snapshot_->spec;
  const auto has_pairs = [](const RouteSpec& route) { return route.ensemble || route.shadow; };
  if (!spec.ledger || std::ranges::none_of(spec.routes, has_pairs)) return;
  try {
    for (const ledger::SpentOnPairs& spent : ledger::spent_on_pairs(spec.ledger->dir, today() * day_ms))
      for (const RouteSpec& route : spec.routes) {
        const auto& pair = spent.kind == PairKind::ensemble ? route.ensemble : route.shadow;
        if (route.name == spent.route && pair)
          live_state_.pair_budget(spent.kind, route.name, *pair).settle(0, spent.nano_usd, today());
      }
  } catch (const std::exception& error) {
    log::warn(std::string("what ensembles and shadows have cost today is not known, their budgets begin anew: ") +
              error.what());
  }
}

void Service::start() {
  live_state_.measure(metrics_, Breaker::Clock::now());
  if (ledger_) {
    follower_->catch_up(ledger_->holds_folder());
    ledger_->start();
    follower_->start();
    feedback_->start();
  }
  for (const auto& here : loops_) here->thread.start();
  admin_thread_.start();
}

// When this returns, every loop has it. Requests under way keep the old snapshot, which dies with the last of them.
void Service::use(ConfigSpec spec, const std::string& version) {
  std::shared_ptr<const Snapshot> fresh = build_snapshot(std::move(spec), version, metrics_, live_state_);
  before_use_(fresh->spec);
  use_log(fresh->spec.log);
  live_state_.use(fresh->spec);
  if (feedback_) feedback_->set_most(fresh->spec.limits.feedback);
  if (slo_watch_) slo_watch_->use(fresh->spec.routes);
  front_.use(front_options(fresh->spec));
  const auto taken = std::make_shared<std::latch>(static_cast<std::ptrdiff_t>(loops_.size()));
  for (const auto& here : loops_)
    asio::post(here->thread.loop().io, [&loop = *here, fresh, taken] {
      loop.gateway->use(fresh);
      loop.client->use(fresh->spec.providers, fresh->spec.dns_ttl);
      taken->count_down();
    });
  taken->wait();
  const std::lock_guard lock(snapshot_mutex_);
  snapshot_.swap(fresh);
}

std::shared_ptr<const Snapshot> Service::current() const {
  const std::lock_guard lock(snapshot_mutex_);
  return snapshot_;
}

std::string Service::config() const {
  return config_dump(current()->spec);
}

bool Service::answers_to(std::string_view host) const {
  return admin::is_own_host(host, current()->spec.admin);
}

std::vector<std::string> Service::problems() const {
  std::vector<std::string> out;
  if (!ledger_) return out;
  const ledger::Status status = ledger_->status();
  if (!status.journal.empty()) out.push_back("ledger journal: " + status.journal);
  if (!status.database.empty()) out.push_back("ledger database: " + status.database);
  return out;
}

Async<Result<admin::Reloaded>> Service::reload() {
  return reloads_.ask([] { ::kill(::getpid(), wake_signal); });
}

void Service::tend() {
  log_dropped_.set(static_cast<std::int64_t>(log::dropped()));
  live_state_.measure(metrics_, Breaker::Clock::now());
  if (reloads_.files_changed()) reloads_.run("a file has changed");
  if (front_.tls() == nullptr) return;
  const std::string failure = front_.tls()->reload_if_changed();
  if (!failure.empty() && failure != told_of_certificate_) log::error("the old certificate stays in use: " + failure);
  told_of_certificate_ = failure;
}

void Service::stop_accepting() {
  reloads_.stop();
  front_.stop();
}

void Service::hand_over() {
  stop_accepting();
  back_.stop();
  if (ledger_) ledger_->hand_over();
}

bool Service::stop() {
  using std::chrono::milliseconds;
  const auto wait_until_idle = [this](milliseconds patience) {
    for (auto left = patience; left > milliseconds(0) && !(idle() && back_.connections() == 0);
         left -= milliseconds(10))
      std::this_thread::sleep_for(milliseconds(10));
  };
  front_.stop();
  back_.stop();
  back_.close_all();
  for (const auto& here : loops_)
    asio::post(here->thread.loop().io, [&gateway = *here->gateway] { gateway.cancel_shadows(); });
  front_.give_up();
  wait_until_idle(last_words);
  front_.close_all();
  wait_until_idle(milliseconds(2000));
  if (!idle() || back_.connections() > 0) return false;
  for (const auto& here : loops_) {
    asio::post(here->thread.loop().io, [&client = *here->client] { client.close_idle(); });
    here->thread.release();
  }
  admin_thread_.release();
  for (const auto& here : loops_) here->thread.join();
  admin_thread_.join();
  if (ledger_) {
    follower_->stop();
    feedback_->stop();
    ledger_->stop();
  }
  return true;
}

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
