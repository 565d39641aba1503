#include "experiment/controller.hpp"

#include "base/log.hpp"
#include "base/unix_time.hpp"
#include "experiment/figures.hpp"
#include "experiment/read_line.hpp"
#include "ledger/folder.hpp"

#include <algorithm>

namespace triage::experiment {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds retry_pause{1000};  // of a decision that the ledger did not take

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

ledger::Checkpoint Controller::begin_at() {
  Checkpoint checkpoint = read_checkpoint(around_.folder);
  const std::lock_guard lock(mutex_);
  engine_ = std::move(checkpoint.engine);
  return reached_ = stored_ = checkpoint.reached;
}

bool Controller::before_serving() const noexcept {
  const std::lock_guard lock(mutex_);
  return !configuration_.empty();
}

// What was rolled back is remembered even so.
void Controller::forget() {
  const std::lock_guard lock(mutex_);
  Engine fresh;
  for (const auto& [name, experiment] : engine_.all())
    for (const std::string& version : experiment.rolled_back()) fresh.at(name).remember_rolled_back(version);
  engine_ = std::move(fresh);
  for (const auto& [name, configured] : configuration_) engine_.at(name);
}

void Controller::use(const ConfigSpec& config) {
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
    it.share = blind_ ? 0 : engine_.at(spec.name).share_of(spec.version);
    around_.set_share(spec.name, *it.share);
  }
  configuration_.swap(fresh);
}

void Controller::begin() {
  put_in_force();
  began_ = true;
}

void Controller::finish() {
  write_checkpoint_if_due(true);
  {
    const std::lock_guard lock(mutex_);
    finished_ = true;
  }
  answer_wishes();
  answer_asked();
}

void Controller::take(const ledger::Entry& entry) {
  JournalLine line = read_entry(entry);
  if (std::holds_alternative<std::monostate>(line)) return;
  const std::lock_guard lock(mutex_);
  engine_.fold(line);
  if (auto* const decision = std::get_if<Decision>(&line)) news_.push_back(std::move(*decision));
}

void Controller::caught_up(const ledger::Checkpoint& reached) {
  reached_ = reached;
  look_at_news();
  if (!began_) return put_in_force();
  look_whether_blind();
  if (around_.owns()) decide();
  look_at_what_is_late();
  put_in_force();
  answer_asked();
  answer_wishes();
  write_checkpoint_if_due(false);
  live_ = true;
  const std::lock_guard lock(mutex_);
  looked_ = true;
}

bool Controller::settled() const {
  const std::lock_guard lock(mutex_);
  const auto waits = [](const auto& named) { return named.second.on_its_way.has_value(); };
  return configuration_.empty() || (looked_ && std::ranges::none_of(configuration_, waits));
}

void Controller::look_at_news() {
  {
    const std::lock_guard lock(mutex_);
    for (const Decision& decision : news_) {
      const auto found = configuration_.find(decision.name);
      if (found == configuration_.end() || found->second.version != decision.version) continue;
      found->second.anchor_ms = -1;
      found->second.on_its_way.reset();
      found->second.zero = false;
    }
    for (auto& [name, configured] : configuration_) {
      const std::int64_t clock_ms = engine_.at(name).clock_ms();
      if (std::exchange(configured.anchor_ms, clock_ms) != clock_ms) configured.anchor = Clock::now();
    }
  }
  put_in_force();
  if (live_)
    for (const Decision& decision : news_) took_effect(decision);
  news_.clear();
}

void Controller::took_effect(const Decision& decision) {
  if (decision.action == word(Action::tick)) return;
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
      if (configured.on_its_way && Clock::now() - configured.written < around_.patience.again) continue;
      const Experiment& experiment = engine_.at(name);
      auto decision = experiment.configured(configured.version, configured.plan);
      if (!decision) decision = experiment.due(clock_of(experiment, &configured));
      if (decision) decided.push_back(std::move(*decision));
    }
  }
  for (Decision& decision : decided) write(decision);
}

// It takes effect when it is read back. False: the ledger did not take it.
bool Controller::write(Decision& decision) {
  decision.time_unix_ms = now_unix_ms();
  const bool kept = around_.ledger->keep(decision.event());
  const milliseconds refused_counts_for = std::max(around_.patience.late, around_.patience.again - retry_pause);
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = configuration_.find(decision.name); found != configuration_.end()) {
      found->second.on_its_way = decision;
      found->second.written = Clock::now() - (kept ? milliseconds(0) : refused_counts_for);
    }
  }
  if (kept && decision.action != word(Action::tick)) syncs_.wait(around_.patience.sync);
  return kept;
}

// A decision that gives all requests to control does not wait for the disk.
void Controller::look_at_what_is_late() {
  const std::lock_guard lock(mutex_);
  for (auto& [name, configured] : configuration_) {
    if (!configured.on_its_way || configured.zero || !gives_all_control(*configured.on_its_way)) continue;
    if (Clock::now() - configured.written < around_.patience.late) continue;
    configured.zero = true;
    log::error("experiment '" + name + "': its " + configured.on_its_way->action +
               " is in force, but the journal cannot be written: it is tried again; " + configured.on_its_way->reason);
  }
}

void Controller::put_in_force() {
  const std::lock_guard lock(mutex_);
  for (auto& [name, configured] : configuration_) {
    const Experiment& experiment = engine_.at(name);
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
  const bool blind =
      unseen_since_ && now - *unseen_since_ > (another ? around_.patience.follows : around_.patience.blind);
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(blind_, blind) == blind || configuration_.empty()) return;
  }
  if (blind)
    log::error("experiments give all requests to control: the ledger cannot be written, so nobody watches them");
  else
    log::info("experiments go on: the ledger is written again");
}

// What was read is on disk before the checkpoint says so: else a power cut could make the ledger give numbers again
// that the checkpoint has.
void Controller::write_checkpoint_if_due(bool last) {
  if (!around_.owns() || reached_ == stored_) return;
  if (!last && Clock::now() - last_stored_ < around_.patience.store_every &&
      reached_.seq - stored_.seq < around_.patience.store_lines)
    return;
  last_stored_ = Clock::now();
  if (!syncs_.wait(around_.patience.sync) || !around_.problem().empty()) return;
  std::string text;
  {
    const std::lock_guard lock(mutex_);
    text = checkpoint_text(engine_, reached_);
  }
  std::string problem;
  if (write_checkpoint(around_.folder, text, problem)) stored_ = reached_;
  const std::lock_guard lock(mutex_);
  if (std::exchange(checkpoint_problem_, problem) != problem && !problem.empty())
    log::warn("the state of the experiments is not stored, so that the next start reads the whole journal: " + problem);
}

}  // namespace triage::experiment
