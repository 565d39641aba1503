#include "experiment/controller.hpp"

#include "base/log.hpp"
#include "base/unix_time.hpp"
#include "experiment/figures.hpp"
#include "ledger/folder.hpp"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>
#include <algorithm>

namespace triage::experiment {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds pause{50};
constexpr milliseconds sync_patience{400};
constexpr milliseconds retry_pause{1000};      // of a decision that the ledger did not take
constexpr milliseconds landing_pause{10'000};  // of one that it took, until it is in the journal
constexpr milliseconds blind_after{10'000};    // with a ledger that cannot be written
constexpr milliseconds follows_for{60'000};    // another process that has the directory
constexpr milliseconds checkpoint_every{300'000};
constexpr std::uint64_t checkpoint_lines = 200'000;
constexpr std::size_t batch_lines = 1000;

bool gives_all_control(const Decision& decision) {
  return decision.action == word(Action::rollback) || decision.action == word(Action::pause);
}

void log_decision(const Decision& decision) {
  log::Fields line("experiment");
  line.add("name", decision.name).add("action", decision.action).add("version", decision.version);
  line.add("route", decision.route).add("stage", decision.stage).add("share", decision.share);
  if (!decision.actor.empty()) line.add("actor", decision.actor);
  line.add("reason", decision.reason).add("figures", decision.figures);
  const bool calm = decision.action != word(Action::rollback) && decision.action != word(Action::hold) &&
                    decision.action != word(Action::warn);
  calm ? log::info(line) : log::warn(line);
}

}  // namespace

Controller::Controller(Surroundings surroundings, Metrics& metrics)
    : around_(std::move(surroundings)), metrics_(metrics), syncs_(*around_.ledger) {}

Controller::~Controller() {
  stop();
}

void Controller::use(const ConfigSpec& config) {
  bool begin = false;
  {
    const std::lock_guard lock(mutex_);
    Configuration fresh;
    for (const RouteSpec& route : config.routes) {
      if (!route.experiment) continue;
      const ExperimentSpec& spec = *route.experiment;
      const auto before = configuration_.find(spec.name);
      const bool same = before != configuration_.end() && before->second.version == spec.version;
      Configured& it = fresh[spec.name] = same ? before->second : Configured();
      it.version = spec.version;
      it.plan = plan_of(route, spec);
      if (same) continue;
      const Experiment* known = follower_ ? follower_->engine().find(spec.name) : nullptr;
      it.share = known != nullptr && !blind_ ? known->share_of(spec.version) : 0;
      around_.set_share(spec.name, *it.share);
    }
    configuration_.swap(fresh);
    begin = !follower_ && !configuration_.empty() && !thread_.joinable();
  }
  if (begin) {
    catch_up();
    put_in_force();
  }
}

void Controller::start() {
  thread_ = std::thread([this] { run(); });
}

void Controller::stop() {
  {
    const std::lock_guard lock(wake_mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

bool Controller::ended(milliseconds longest) {
  std::unique_lock lock(wake_mutex_);
  wake_.wait_for(lock, longest, [&] { return stopping_ || hurry_; });
  hurry_ = false;
  return stopping_;
}

void Controller::run() {
  pthread_setname_np(pthread_self(), "experiments");
  setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), 5);  // event loops go first
  do {
    turn();
  } while (!ended(pause));
  write_checkpoint_if_due(true);
  answer_wishes();
}

void Controller::turn() {
  bool begin = false;
  {
    const std::lock_guard lock(mutex_);
    begin = !follower_ && !configuration_.empty();
    if (!follower_ && !begin) return answer_wishes();
  }
  if (begin) catch_up();
  while (read_some() == batch_lines && !ended(milliseconds(0))) {
  }
  live_ = true;
  look_whether_blind();
  if (around_.owns()) decide();
  put_in_force();
  answer_wishes();
  write_checkpoint_if_due(false);
}

// Reads all that the journal has, before anybody else can see the state.
void Controller::catch_up() {
  auto follower = std::make_unique<Follower>(around_.folder);
  while (follower->read(batch_lines, nullptr) > 0) {
  }
  const std::lock_guard lock(mutex_);
  follower_ = std::move(follower);
}

std::size_t Controller::read_some() {
  std::vector<Decision> news;
  std::size_t lines = 0;
  {
    const std::lock_guard lock(mutex_);
    lines = follower_->read(batch_lines, [&](const Decision& decision) { news.push_back(decision); });
    for (const Decision& decision : news) {
      const auto found = configuration_.find(decision.name);
      if (found == configuration_.end() || found->second.version != decision.version) continue;
      found->second.anchor_ms = -1;
      found->second.zero = false;
      found->second.quiet_until = {};
    }
    for (auto& [name, configured] : configuration_) {
      const Experiment& experiment = follower_->engine().at(name);
      if (std::exchange(configured.anchor_ms, experiment.clock_ms()) != experiment.clock_ms())
        configured.anchor = Clock::now();
    }
  }
  lines_since_checkpoint_ += lines;
  if (live_)
    for (const Decision& decision : news) took_effect(decision);
  return lines;
}

void Controller::took_effect(const Decision& decision) {
  if (decision.action == word(Action::tick)) return;
  put_in_force();
  metrics_
      .counter("triage_experiment_decisions_total", "Decisions of experiments, by themselves and by people.",
               {{"experiment", decision.name}, {"action", decision.action}})
      .add();
  log_decision(decision);
  if (around_.owns() && around_.tell) around_.tell(decision);
}

std::int64_t Controller::clock_of(const Experiment& experiment, const Configured* configured) const {
  if (configured == nullptr || !experiment.ticks() || configured->anchor_ms < 0) return experiment.clock_ms();
  return configured->anchor_ms + std::chrono::duration_cast<milliseconds>(Clock::now() - configured->anchor).count();
}

const Controller::Configured* Controller::configured(std::string_view name) const {
  const auto found = configuration_.find(name);
  return found == configuration_.end() ? nullptr : &found->second;
}

void Controller::decide() {
  std::vector<Decision> decided;
  {
    const std::lock_guard lock(mutex_);
    for (auto& [name, configured] : configuration_) {
      if (Clock::now() < configured.quiet_until) continue;
      const Experiment& experiment = follower_->engine().at(name);
      auto decision = experiment.configured(configured.version, configured.plan);
      if (!decision) decision = experiment.due(clock_of(experiment, &configured));
      if (decision) decided.push_back(std::move(*decision));
    }
  }
  for (Decision& decision : decided) write(std::move(decision));
}

// Returns whether the decision is in force and in the journal. One that gives all requests to control is in force in
// any case.
bool Controller::write(Decision decision) {
  decision.time_unix_ms = now_unix_ms();
  const bool kept = around_.ledger->keep(decision.event());
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = configuration_.find(decision.name); found != configuration_.end())
      found->second.quiet_until = Clock::now() + (kept ? landing_pause : retry_pause);
  }
  if (kept && decision.action == word(Action::tick)) return true;
  if (kept && syncs_.wait(sync_patience)) {
    bool landed = false;
    const std::string version = decision.version;
    for (auto until = Clock::now() + sync_patience; !landed && Clock::now() < until;) {
      while (read_some() == batch_lines) {
      }
      const std::lock_guard lock(mutex_);
      const auto& decisions = follower_->engine().at(decision.name).decisions();
      landed = std::ranges::any_of(decisions, [&](const Decision& each) {
        return each.time_unix_ms == decision.time_unix_ms && each.action == decision.action;
      });
      if (!landed) std::this_thread::sleep_for(milliseconds(5));
    }
    if (landed) return true;
  }
  if (!gives_all_control(decision)) return false;
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = configuration_.find(decision.name); found != configuration_.end()) found->second.zero = true;
  }
  put_in_force();
  log::error("experiment '" + decision.name + "': " + decision.action +
             " is in force, but the journal cannot be written: it is tried again");
  return false;
}

void Controller::put_in_force() {
  const std::lock_guard lock(mutex_);
  if (!follower_) return;
  for (auto& [name, configured] : configuration_) {
    const Experiment& experiment = follower_->engine().at(name);
    const bool unseen = blind_ && experiment.status() != Status::promoted;
    const double share = configured.zero || unseen ? 0 : experiment.share_of(configured.version);
    if (configured.share == share) continue;
    configured.share = share;
    around_.set_share(name, share);
  }
}

void Controller::look_whether_blind() {
  const auto now = Clock::now();
  const bool owns = around_.owns();
  if (owns && around_.problem().empty())
    unseen_since_.reset();
  else if (!unseen_since_)
    unseen_since_ = now;
  const bool another = !owns && ledger::FolderLock::is_taken(around_.folder);
  const bool blind = unseen_since_ && now - *unseen_since_ > (another ? follows_for : blind_after);
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(blind_, blind) == blind) return;
  }
  if (blind)
    log::error("experiments give all requests to control: the ledger cannot be written, so nobody watches them");
  else
    log::info("experiments go on: the ledger is written again");
}

void Controller::write_checkpoint_if_due(bool last) {
  if (!around_.owns() || lines_since_checkpoint_ == 0) return;
  const auto now = Clock::now();
  if (!last && now - last_checkpoint_ < checkpoint_every && lines_since_checkpoint_ < checkpoint_lines) return;
  last_checkpoint_ = now;
  lines_since_checkpoint_ = 0;
  std::string problem;
  // What was read is on disk before the checkpoint says so: else its numbers could be given again after a power cut.
  if (!syncs_.wait(sync_patience) || !around_.problem().empty()) return;
  const std::lock_guard lock(mutex_);
  if (!follower_) return;
  write_checkpoint(around_.folder, follower_->checkpoint(), problem);
  if (std::exchange(checkpoint_problem_, problem) != problem && !problem.empty())
    log::warn("the state of the experiments cannot be kept, so that the next start reads the whole journal: " +
              problem);
}

}  // namespace triage::experiment
