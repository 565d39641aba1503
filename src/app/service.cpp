#include "app/service.hpp"

#include "app/dashboard_standing.hpp"
#include "base/event.hpp"
#include "base/log.hpp"
#include "base/sha256.hpp"
#include "config/schema.hpp"
#include "ledger/spent.hpp"
#include "options/values.hpp"
#include "pipeline/live/build_snapshot.hpp"

#include <openssl/crypto.h>

#include <unistd.h>
#include <algorithm>
#include <boost/asio/post.hpp>
#include <csignal>
#include <ctime>
#include <latch>
#include <thread>

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

}  // namespace

void LoopThread::release() {
  asio::post(loop_.io, [this] {
    loop_.deadlines.stop();
    work_.reset();
  });
}

Service::PerLoop::PerLoop(std::size_t index, const std::shared_ptr<const Snapshot>& snapshot, Metrics& metrics,
                          Ledger* ledger, ScorePool& scores, ScorePool& graders, FeedbackStore* feedback)
    : thread(index) {
  UpstreamOptions options;
  options.dns_ttl = snapshot->spec.dns_ttl;
  options.limits = snapshot->spec.limits;
  client = std::make_unique<HttpUpstream>(thread.loop(), options, metrics);
  authorized = std::make_unique<AuthorizedUpstream>(*client, thread.loop(), metrics);
  gateway = std::make_unique<Gateway>(thread.loop(), *authorized, snapshot, ledger, &scores, &graders, feedback);
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
      graders_(snapshot_->spec.limits.graders),
      admin_thread_(loop_count(snapshot_->spec)),
      webhooks_(admin_thread_.loop(), metrics_),
      views_(views_surroundings(first)),
      front_(front_options(snapshot_->spec, passed.api), metrics_),
      back_(back_options(snapshot_->spec, passed.admin), metrics_) {
  use_log(snapshot_->spec.log);
  take_up_budgets();
  if (snapshot_->spec.ledger) open_ledger();
  for (std::size_t i = 0; i < loop_count(snapshot_->spec); ++i) {
    loops_.push_back(
        std::make_unique<PerLoop>(i, snapshot_, metrics_, ledger_.get(), scores_, graders_, feedback_.get()));
    front_.listen(loops_.back()->thread.loop(), *loops_.back()->gateway, loop_count(snapshot_->spec));
  }
  back_.listen(admin_thread_.loop(), admin_);
}

Service::~Service() = default;

void Service::open_ledger() {
  const LedgerSpec& spec = *snapshot_->spec.ledger;
  ledger_ = std::make_unique<ledger::FileLedger>(spec, metrics_);
  follower_ = std::make_unique<ledger::Follower>(spec.dir);
  experiment::Surroundings around;
  around.folder = spec.dir;
  around.ledger = ledger_.get();
  around.owns = [this] { return ledger_->holds_folder(); };
  around.problem = [this] { return ledger_->status().journal; };
  around.set_share = [this](const std::string& name, double share) { live_state_.rollout(name).share = share; };
  around.tell = [this](const experiment::Decision& decision) { webhooks_.tell(decision); };
  experiments_ = std::make_unique<experiment::Controller>(std::move(around), metrics_);
  experiments_->use(snapshot_->spec);
  webhooks_.use(snapshot_->spec);
  follower_->add(*experiments_);
  drift_ = std::make_unique<DriftFollower>(
      spec.dir, metrics_, [this](const std::string& route, DriftAction action, const std::string& reason) {
        act_on_drift(route, action, reason);
      });
  drift_->use(snapshot_->spec, snapshot_->version);
  follower_->add(*drift_);
  slo_watch_ = std::make_unique<ledger::SloWatch>(spec.dir, metrics_);
  slo_watch_->use(snapshot_->spec.routes);
  follower_->add(*slo_watch_);
  otlp_ = std::make_unique<OtlpExporter>(spec.dir, loop_count(snapshot_->spec) + 1, metrics_);
  otlp_->use(snapshot_->spec);
  follower_->add(*otlp_);
  feedback_ = std::make_unique<ledger::FeedbackKeeper>(spec.dir, *ledger_);
  feedback_->set_most(snapshot_->spec.limits.feedback);
}

// What the route's drift does to its experiment.
void Service::act_on_drift(const std::string& route, DriftAction action, const std::string& reason) {
  if (action == DriftAction::warn) return;
  const auto wanted = action == DriftAction::freeze ? experiment::Action::hold : experiment::Action::rollback;
  for (const RouteSpec& spec : current()->spec.routes)
    if (spec.name == route && spec.experiment)
      experiments_->ask({spec.experiment->name, wanted, "drift", reason}, [](const Result<std::string>&) {});
}

// Counts what pairs of answers and judges have cost today before this start.
void Service::take_up_budgets() {
  const ConfigSpec& spec = snapshot_->spec;
  const auto has_budget = [](const RouteSpec& route) {
    return budgeted_pair(route, PairKind::ensemble) != nullptr || budgeted_pair(route, PairKind::shadow) != nullptr ||
           budgeted_judge(route) != nullptr;
  };
  if (!spec.ledger || std::ranges::none_of(spec.routes, has_budget)) return;
  try {
    for (const ledger::SpentOnPairs& spent : ledger::spent_on_pairs(spec.ledger->dir, today() * day_ms))
      for (const RouteSpec& route : spec.routes) {
        const PairSpec* const pair = budgeted_pair(route, spent.kind);
        if (route.name == spent.route && pair != nullptr)
          live_state_.pair_budget(spent.kind, route.name, *pair).settle(0, spent.nano_usd, today());
      }
    for (const auto& [name, nano_usd] : ledger::spent_on_judges(spec.ledger->dir, today() * day_ms))
      for (const RouteSpec& route : spec.routes)
        if (const JudgeSpec* const judge = budgeted_judge(route); route.name == name && judge != nullptr)
          live_state_.judge_budget(name, *judge).settle(0, nano_usd, today());
  } catch (const std::exception& error) {
    log::warn(
        std::string("what ensembles, shadows and judges have cost today is not known, their budgets begin anew: ") +
        error.what());
  }
}

void Service::start() {
  live_state_.measure(metrics_, Breaker::Clock::now());
  if (ledger_) {
    follower_->catch_up(ledger_->holds_folder());
    experiments_->begin();
    ledger_->start();
    follower_->start();
    feedback_->start();
    // A new experiment is in force for the first request, too, unless the ledger keeps it waiting.
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(1);
    while (!experiments_->settled() && std::chrono::steady_clock::now() < until)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
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
  if (drift_) drift_->use(fresh->spec, version);
  if (feedback_) feedback_->set_most(fresh->spec.limits.feedback);
  if (slo_watch_) slo_watch_->use(fresh->spec.routes);
  if (otlp_) otlp_->use(fresh->spec);
  front_.use(front_options(fresh->spec));
  webhooks_.use(fresh->spec);
  if (experiments_) experiments_->use(fresh->spec);  // before any loop assigns by what has changed
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
  for (std::string& problem : experiments_->problems()) out.push_back(std::move(problem));
  std::ranges::move(drift_->problems(), std::back_inserter(out));
  return out;
}

Async<Result<admin::Reloaded>> Service::reload() {
  return reloads_.ask([] { ::kill(::getpid(), reload_signal); });
}

Result<std::string> Service::actor(const RequestHead& head) const {
  const std::shared_ptr<const Snapshot> now = current();
  const auto& key = now->spec.admin.key;
  if (!key) return std::string("admin");
  const auto field = find_field(head.fields, "authorization");
  constexpr std::string_view scheme = "Bearer ";
  if (!field || field->size() <= scheme.size() || !iequals(field->substr(0, scheme.size()), scheme))
    return Error{ErrorCode::invalid_api_key, "the admin key is missing; send it as 'Authorization: Bearer KEY'"};
  const auto digest = sha256(field->substr(scheme.size()));
  if (CRYPTO_memcmp(key->sha256.data(), digest.data(), digest.size()) != 0)
    return Error{ErrorCode::invalid_api_key, "that is not the admin key"};
  return key->name;
}

// Where only this machine reaches the address, what is not said in words may be read without a key, like the metrics.
Result<admin::Reader> Service::reader(const RequestHead& head) const {
  const AdminSpec& admin = current()->spec.admin;
  admin::Reader out;
  out.keyed = admin.key.has_value();
  out.has_key = out.keyed && actor(head).has_value();
  const bool local = is_loopback(admin.address.host);
  out.texts = out.has_key || (local && !out.keyed);
  if (local || out.has_key) return out;
  if (out.keyed) return actor(head).error();
  return Error{ErrorCode::invalid_api_key,
               "admin.address can be reached from other machines: set admin.key, and enter "
               "the key in the dashboard"};
}

DashboardViews::Surroundings Service::views_surroundings(const Loaded& first) {
  DashboardViews::Surroundings out;
  out.current = [this] { return current(); };
  out.standing = [this] { return standing(); };
  out.share_of = [this](const std::string& experiment) { return live_state_.rollout(experiment).share.load(); };
  if (!first.files.empty()) out.config_file = first.files.front();
  return out;
}

std::string Service::standing() const {
  if (!ledger_) return standing_json({}, "null");
  return standing_json(slo_watch_->standings(), drift_->standing());
}

Async<Result<std::string>> Service::view(admin::ViewRequest request) {
  return views_.view(std::move(request));
}

std::string Service::experiment_metrics() const {
  return experiments_ ? experiments_->metrics_text() : "";
}

std::string Service::experiments() const {
  return experiments_ ? experiments_->list() : R"({"experiments":[]})";
}

Result<std::string> Service::experiment(const std::string& name) const {
  if (experiments_) return experiments_->show(name);
  return Error{ErrorCode::not_found, "there are no experiments without a 'ledger'"};
}

Async<Result<std::string>> Service::change_experiment(admin::ExperimentChange change) {
  struct Waiter {
    Event came;
    std::optional<Result<std::string>> answer;
  };
  const auto action = from_word<experiment::Action>(change.action);
  if (!experiments_ || !action) co_return Error{ErrorCode::not_found, "there are no experiments without a 'ledger'"};
  const auto waiter = std::make_shared<Waiter>();
  const Executor here = co_await asio::this_coro::executor;
  experiment::Controller::Answer answer = [waiter, here](const Result<std::string>& came) {
    asio::post(here, [waiter, came] {
      waiter->answer = came;
      waiter->came.notify();
    });
  };
  experiment::Wish wish{change.name, *action, change.actor, change.reason};
  experiments_->ask(std::move(wish), std::move(answer));
  if (!waiter->answer) co_await waiter->came.wait();
  co_return *waiter->answer;
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

void Service::stop_accepting(bool handed_over) {
  reloads_.stop();
  front_.stop(handed_over);
}

void Service::hand_over() {
  stop_accepting(true);
  back_.stop();
  stop_deciding();
  if (ledger_) ledger_->hand_over();
}

// From now on another process may have the ledger's directory.
void Service::stop_deciding() {
  if (!ledger_) return;
  follower_->stop();
  experiments_->finish();
  drift_->finish();
  otlp_->stop();
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
  views_.stop();
  wait_until_idle(last_words);
  front_.close_all();
  wait_until_idle(milliseconds(2000));
  if (!idle() || back_.connections() > 0) return false;
  for (const auto& here : loops_) {
    asio::post(here->thread.loop().io, [&client = *here->client] { client.close_idle(); });
    here->thread.release();
  }
  webhooks_.stop();
  admin_thread_.release();
  for (const auto& here : loops_) here->thread.join();
  admin_thread_.join();
  stop_deciding();
  if (ledger_) {
    feedback_->stop();
    ledger_->stop();
  }
  return true;
}

}  // namespace triage
