#include "app/drift_follower.hpp"

#include "base/file.hpp"
#include "base/log.hpp"
#include "base/sha256.hpp"
#include "base/text.hpp"
#include "base/unix_time.hpp"
#include "config/schema.hpp"
#include "ledger/logged_request.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

namespace triage {
namespace {

using Json = nlohmann::ordered_json;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr std::size_t bytes_max = std::size_t{1} << 30;
constexpr seconds store_every{30};
constexpr seconds metrics_every{1};
constexpr std::int64_t news_ms = 3'600'000;  // an older alarm, found while catching up, is told but not acted on
constexpr std::size_t versions_max = 16;

// A digest of what decides where a route's requests go and who answers them.
std::string policy_of(const ConfigSpec& spec, const RouteSpec& route) {
  ConfigSpec bare;
  bare.tiers = spec.tiers;
  bare.specialists = spec.specialists;
  RouteSpec served = route.experiment && route.experiment->control ? *route.experiment->control : route;
  served.name = route.name;
  served.match = {};
  served.record = {};
  served.quality.reset();
  served.experiment.reset();
  for (const Deployment& each : spec.deployments) {
    Deployment deployment;
    deployment.name = each.name;
    deployment.provider = each.provider;
    deployment.model = each.model;
    bare.deployments.push_back(std::move(deployment));
  }
  bare.routes.push_back(std::move(served));
  return hex(sha256(config_dump(bare))).substr(0, 16);
}

// Whether there is anything to choose, so that a constant router is a fault.
bool may_vary(const ConfigSpec& spec, const RouteSpec& route) {
  const auto in_order = std::ranges::count_if(
      route.tiers, [&](const auto& tier) { return std::ranges::find(spec.tiers, tier.first) != spec.tiers.end(); });
  const bool looks = std::ranges::any_of(route.routers, [](const RouterSpec& router) {
    return router.kind != "fixed" && router.kind != "weighted" && router.kind != "header";
  });
  return in_order > 1 && looks;
}

drift::Wanted wanted_of(const ConfigSpec& spec, const RouteSpec& route) {
  const DriftSpec drift = route.quality && route.quality->drift ? *route.quality->drift : DriftSpec();
  return {drift.false_alarm_every.count(), drift.window.count(), drift.reference, may_vary(spec, route)};
}

bool is_treated(const ledger::Text& experiment) {
  return experiment && experiment->find(R"("arm":"treatment")") != std::string_view::npos;
}

Json read_stored(const std::string& folder) {
  std::string reason;
  const auto text = read_file(drift_path(folder), bytes_max, reason);
  return text ? Json::parse(*text, nullptr, false) : Json();
}

}  // namespace

std::string drift_path(const std::string& ledger_folder) {
  return ledger_folder + "/drift.json";
}

drift::Watch read_drift(const std::string& ledger_folder) {
  drift::Watch out;
  const Json stored = read_stored(ledger_folder);
  if (stored.is_object() && stored.contains("watch")) out.load(stored["watch"]);
  return out;
}

DriftFollower::DriftFollower(std::string ledger_folder, Metrics& metrics, Act act)
    : folder_(std::move(ledger_folder)), metrics_(metrics), act_(std::move(act)) {
  const Json stored = read_stored(folder_);
  if (!stored.is_object()) return;
  try {
    const ledger::Checkpoint reached{{stored.at("segment"), stored.at("offset")}, stored.at("seq")};
    for (const Json& each : stored.at("versions")) versions_.push_back({each.at("name"), each.at("policies")});
    if (!watch_.load(stored.at("watch"))) {
      versions_.clear();
      return;
    }
    stored_ = reached_ = reached;
  } catch (const nlohmann::json::exception&) {
    watch_ = {};
    versions_.clear();
  }
}

void DriftFollower::use(const ConfigSpec& spec, const std::string& version) {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  served_.clear();
  for (const RouteSpec& route : spec.routes) {
    names.push_back(route.name);
    watch_.configure(route.name, policy_of(spec, route), wanted_of(spec, route));
    const bool drift = route.quality && route.quality->drift;
    served_[route.name] = {drift ? route.quality->drift->action : DriftAction::warn, route.cascade.has_value()};
  }
  watch_.keep_only(names);
  Version current{version, {}};
  for (const std::string& route : names) current.policies[route] = watch_.policy(route);
  std::erase_if(versions_, [&](const Version& each) { return each.name == version; });
  versions_.push_back(std::move(current));
  if (versions_.size() > versions_max) versions_.pop_front();
  store_soon_ = true;
  for (const std::string& route : names)
    for (const std::string_view what : words<DriftOf>) alarms_counted(route, what);
  update_metrics();
}

void DriftFollower::finish() {
  const std::lock_guard lock(mutex_);
  store();
}

void DriftFollower::take(const ledger::Entry& entry) {
  const std::lock_guard lock(mutex_);
  entry.visit([this]<class T>(const ledger::Stored<T>& stored) {
    if constexpr (std::is_same_v<T, LedgerRecord>) take_request(stored);
    if constexpr (std::is_same_v<T, GradeEvent>) take_grade(stored);
  });
}

// Whether the configuration that it was served by has the policy that the route has now.
bool DriftFollower::is_of_policy(const ledger::StoredRecord& record) const {
  const auto version =
      std::ranges::find(versions_, record.get<&LedgerRecord::config_version>().value_or(""), &Version::name);
  if (version == versions_.end()) return false;
  const std::string route(record.get<&LedgerRecord::route>().value_or(""));
  const auto policy = version->policies.find(route);
  return policy != version->policies.end() && policy->second == watch_.policy(route);
}

// The treatment is compared with control by its experiment.
void DriftFollower::take_request(const ledger::StoredRecord& record) {
  const auto served = served_.find(record.get<&LedgerRecord::route>().value_or(""));
  if (served == served_.end() || is_treated(record.get<&LedgerRecord::experiment>())) return;
  if (!is_of_policy(record)) return;
  const ledger::LoggedRequest logged = ledger::logged_request(record);
  if (logged.outcome == "client_error" || logged.outcome == "gateway_error") return;
  if (logged.pair && logged.pair->cheap.score && logged.pair->strong.score) {
    const bool shadow = logged.pair->kind == "shadow";
    const bool strong = shadow ? logged.pair->given == "strong"
                               : !logged.chain.empty() && logged.chain.back().tier == logged.pair->strong.tier;
    keep(watch_.fold(logged.route, drift::Comparison{logged.time_unix_ms, strong,
                                                     *logged.pair->strong.score - *logged.pair->cheap.score}));
  }
  const ledger::LoggedAttempt* const first = logged.first_answer();
  if (!logged.shadow_of.empty() || first == nullptr) return;
  drift::Request out;
  out.time_unix_ms = logged.time_unix_ms;
  out.tier = logged.pair && !logged.chain.empty() ? logged.chain.back().tier : first->tier;
  for (const ledger::LoggedOpinion& said : logged.chain) {
    if (!said.score) continue;
    out.score = said.score;
    out.model = said.model;
    break;
  }
  if (first->tokens.input > 0) out.tokens = static_cast<double>(first->tokens.input);
  out.refusal = logged.refusal;
  if (served->second.cascades) out.escalated = logged.escalated;
  keep(watch_.fold(logged.route, out));
}

void DriftFollower::take_grade(const ledger::Stored<GradeEvent>& grade) {
  const ledger::Real score = grade.get<&GradeEvent::score>();
  if (!score || grade.get<&GradeEvent::grader>().value_or("") != "judge") return;
  if (is_treated(grade.get<&GradeEvent::experiment>())) return;
  keep(watch_.fold_grade(std::string(grade.get<&GradeEvent::route>().value_or("")),
                         grade.get<&GradeEvent::time_unix_ms>().value_or(0), *score));
}

void DriftFollower::keep(std::vector<drift::RouteAlarm> alarms) {
  std::ranges::move(alarms, std::back_inserter(raised_));
}

Counter& DriftFollower::alarms_counted(const std::string& route, std::string_view what) {
  return metrics_.counter("triage_drift_alarms_total", "Alarms of the watch for drift.",
                          {{"route", route}, {"what", std::string(what)}});
}

void DriftFollower::act_on(const drift::RouteAlarm& alarm) {
  const std::string what(word(alarm.what));
  alarms_counted(alarm.route, what).add();
  DriftAction action = DriftAction::warn;
  {
    const std::lock_guard lock(mutex_);
    if (const auto served = served_.find(alarm.route); served != served_.end()) action = served->second.action;
  }
  log::warn("route " + quoted_name(alarm.route) + ": drift of " + what + ": " + alarm.text);
  if (action != DriftAction::warn && act_ && now_unix_ms() - alarm.time_unix_ms < news_ms)
    act_(alarm.route, action, "drift of " + what + ": " + alarm.text);
}

// An alarm is acted on before it is stored: if the process is killed between, the action is repeated, which changes
// nothing.
void DriftFollower::caught_up(const ledger::Checkpoint& reached) {
  std::vector<drift::RouteAlarm> raised;
  {
    const std::lock_guard lock(mutex_);
    reached_ = reached;
    raised.swap(raised_);
  }
  for (const drift::RouteAlarm& alarm : raised) act_on(alarm);
  const std::lock_guard lock(mutex_);
  if (steady_clock::now() - last_metrics_ >= metrics_every || !raised.empty()) update_metrics();
  if (reached_ == stored_ && raised.empty() && !store_soon_) return;
  if (raised.empty() && !store_soon_ && steady_clock::now() - last_stored_ < store_every) return;
  store();
}

void DriftFollower::forget() {
  const std::lock_guard lock(mutex_);
  watch_.forget();
  stored_ = reached_ = {};
}

std::string DriftFollower::standing() const {
  const std::lock_guard lock(mutex_);
  return drift::watch_json(watch_).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::vector<std::string> DriftFollower::problems() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> out;
  for (const auto& [name, route] : watch_.routes())
    for (std::size_t i = 0; i < words<DriftOf>.size(); ++i)
      if (route.state(static_cast<DriftOf>(i)) == drift::State::drifted)
        out.push_back("drift: route " + quoted_name(name) + ": " + std::string(words<DriftOf>[i]));
  return out;
}

void DriftFollower::update_metrics() {
  last_metrics_ = steady_clock::now();
  for (const auto& [name, route] : watch_.routes()) {
    if (const auto entropy = route.entropy())
      metrics_
          .ratio("triage_drift_tier_entropy",
                 "Of the tiers that requests went to in the last window: 0 one, 1 all alike.", {{"route", name}})
          .set(*entropy);
    for (std::size_t i = 0; i < words<DriftOf>.size(); ++i)
      metrics_
          .gauge("triage_drift_state", "What drifts: 0 learning, 1 steady, 2 drifted.",
                 {{"route", name}, {"what", std::string(words<DriftOf>[i])}})
          .set(static_cast<std::int64_t>(route.state(static_cast<DriftOf>(i))));
  }
}

void DriftFollower::store() {
  last_stored_ = steady_clock::now();
  store_soon_ = false;
  Json versions = Json::array();
  for (const Version& each : versions_) versions.push_back({{"name", each.name}, {"policies", each.policies}});
  const Json stored{{"segment", reached_.at.segment},
                    {"offset", reached_.at.offset},
                    {"seq", reached_.seq},
                    {"versions", std::move(versions)},
                    {"watch", watch_.save()}};
  const std::string path = drift_path(folder_);
  const std::string fresh = path + ".new";
  std::ofstream out(fresh, std::ios::binary | std::ios::trunc);
  out << stored.dump() << '\n';
  out.close();
  const bool done = out && std::rename(fresh.c_str(), path.c_str()) == 0;
  if (done) stored_ = reached_;
  if (!done && !store_failed_) log::warn(path + " cannot be written: " + std::strerror(errno));
  store_failed_ = !done;
}

}  // namespace triage
