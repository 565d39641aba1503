// What people see of the experiments, and what they want of them.
#include "base/escaped.hpp"
#include "base/text.hpp"
#include "experiment/controller.hpp"
#include "experiment/figures.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>

namespace triage::experiment {
namespace {

Error unknown(const std::string& name) {
  return {ErrorCode::not_found, "there is no experiment '" + name + "'; GET /admin/experiments lists them"};
}

Error stopping() {
  return {ErrorCode::shutting_down, "the gateway is stopping"};
}

Error too_late(const Decision& decision) {
  return {ErrorCode::overloaded, "experiment '" + decision.name + "': the journal cannot be written; " +
                                     (decision.share == 0 ? "all get control all the same, and the decision is written"
                                                          : "the decision takes effect") +
                                     " when it can"};
}

std::string label(std::string_view name, std::string_view value) {
  std::string out(name);
  out += "=\"";
  append_escaped(out, value);
  return out + "\"";
}

class Gauges {
 public:
  void family(const char* name, const char* help) {
    name_ = name;
    text_ += std::string("# HELP ") + name + " " + help + "\n# TYPE " + name + " gauge\n";
  }
  void sample(const std::string& labels, double value) {
    char number[32];
    std::snprintf(number, sizeof number, " %.10g\n", value);
    text_ += name_ + ("{" + labels + "}") + number;
  }
  std::string take() { return std::move(text_); }

 private:
  std::string name_;
  std::string text_;
};

}  // namespace

std::string Controller::list() const {
  Json out;
  out["experiments"] = Json::array();
  const std::lock_guard lock(mutex_);
  for (const auto& [name, experiment] : engine_.all()) {
    const Configured* const is = configured(name);
    if (experiment.status() == Status::unknown && is == nullptr) continue;
    out["experiments"].push_back(
        listed(experiment, clock_of(experiment, is), is != nullptr && is->version == experiment.version()));
  }
  return text_of(out);
}

Result<std::string> Controller::show(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const Experiment* const experiment = engine_.find(name);
  const Configured* const is = configured(name);
  if (experiment == nullptr || (experiment->status() == Status::unknown && is == nullptr)) return unknown(name);
  Json out = shown(*experiment, clock_of(*experiment, is), is != nullptr && is->version == experiment->version());
  out["share_in_force"] = is != nullptr ? is->share.value_or(0) : 0;
  if (blind_) out["advice"] = "the ledger cannot be written, so nobody watches: all get control until it can";
  return text_of(out);
}

void Controller::ask(Wish wish, Answer answer) {
  {
    const std::lock_guard lock(mutex_);
    if (!finished_) return void(wishes_.emplace_back(std::move(wish), std::move(answer)));
  }
  answer(stopping());
}

void Controller::answer_wishes() {
  std::vector<std::pair<Wish, Answer>> wishes;
  bool finished = false;
  {
    const std::lock_guard lock(mutex_);
    wishes.swap(wishes_);
    finished = finished_;
  }
  for (auto& [wish, answer] : wishes) {
    Decision decision;
    if (finished)
      answer(stopping());
    else if (const auto now = grant(wish, decision))
      answer(*now);
    else
      asked_.push_back(
          {std::move(wish), std::move(answer), std::move(decision), Clock::now() + around_.patience.asked});
  }
}

// nullopt: the decision is on its way into the journal.
std::optional<Result<std::string>> Controller::grant(const Wish& wish, Decision& decision) {
  {
    const std::lock_guard lock(mutex_);
    const Configured* const is = configured(wish.name);
    if (is == nullptr && engine_.find(wish.name) == nullptr) return unknown(wish.name);
    const Experiment& experiment = engine_.at(wish.name);
    auto wanted = experiment.wanted(wish.action, is != nullptr ? is->version : experiment.version(),
                                    is != nullptr ? &is->plan : nullptr, clock_of(experiment, is));
    if (!wanted) return wanted.error();
    decision = std::move(*wanted);
  }
  if (decision.action.empty()) return show(wish.name);
  if (!around_.owns())
    return Error{ErrorCode::conflict, "another process has the ledger's directory and decides; ask that one"};
  decision.actor = wish.actor;
  decision.reason = wish.reason;
  if (!write(decision)) return too_late(decision);
  return std::nullopt;
}

void Controller::answer_asked() {
  std::vector<Asked> waiting;
  for (Asked& asked : asked_) {
    bool landed = false;
    bool finished = false;
    {
      const std::lock_guard lock(mutex_);
      finished = finished_;
      landed = std::ranges::any_of(engine_.at(asked.wish.name).decisions(), [&asked](const Decision& each) {
        return each.time_unix_ms == asked.decision.time_unix_ms && each.action == asked.decision.action;
      });
    }
    if (landed)
      asked.answer(show(asked.wish.name));
    else if (finished)
      asked.answer(stopping());
    else if (Clock::now() >= asked.until)
      asked.answer(too_late(asked.decision));
    else
      waiting.push_back(std::move(asked));
  }
  asked_ = std::move(waiting);
}

std::string Controller::metrics_text() const {
  Gauges out;
  const std::lock_guard lock(mutex_);
  if (configuration_.empty()) return "";
  const auto each = [&](const char* name, const char* help, const auto& samples) {
    out.family(name, help);
    for (const auto& [experiment, is] : configuration_)
      samples(label("experiment", experiment), *engine_.find(experiment), is);
  };
  each("triage_experiment_share", "Share of the units that get the treatment, in force.",
       [&](const std::string& labels, const Experiment&, const Configured& is) {
         out.sample(labels, is.share.value_or(0));
       });
  each("triage_experiment_stage", "Stage, counted from 0.",
       [&](const std::string& labels, const Experiment& it, const Configured&) {
         out.sample(labels, static_cast<double>(it.stage()));
       });
  each("triage_experiment_state", "1 for the state that it is in.",
       [&](const std::string& labels, const Experiment& it, const Configured&) {
         for (const auto state : words<Status>)
           out.sample(labels + "," + label("state", state), state == word(it.status()) ? 1 : 0);
       });
  each("triage_experiment_units", "Units seen since the stage began.",
       [&](const std::string& labels, const Experiment& it, const Configured&) {
         for (const bool treated : {false, true})
           out.sample(labels + "," + label("arm", treated ? "treatment" : "control"),
                      static_cast<double>(it.stage_units(treated)));
       });
  each("triage_experiment_units_dropped", "Sightings of units beyond units_max: they are not counted.",
       [&](const std::string& labels, const Experiment& it, const Configured&) {
         out.sample(labels, static_cast<double>(it.units_dropped()));
       });
  const auto evidence = [&](const char* name, const char* help, const auto& of) {
    each(name, help, [&](const std::string& labels, const Experiment& it, const Configured&) {
      for (std::size_t i = 0; i < it.guards().size(); ++i)
        out.sample(labels + "," + label("guardrail", word(it.guards()[i].spec().signal)), of(it, i));
    });
  };
  evidence("triage_experiment_log_evidence", "That the treatment is worse by more than the margin: logarithm.",
           [](const Experiment& it, std::size_t i) { return it.guards()[i].log_evidence(); });
  evidence("triage_experiment_log_bound", "From which evidence on there is a rollback: logarithm.",
           [](const Experiment& it, std::size_t i) { return it.log_bound(i); });
  return out.take();
}

std::vector<std::string> Controller::problems() const {
  std::vector<std::string> out;
  const std::lock_guard lock(mutex_);
  if (blind_ && !configuration_.empty())
    out.push_back("experiments: all get control, because the ledger cannot be written and nobody watches");
  for (const auto& [name, is] : configuration_)
    if (is.zero) out.push_back("experiment '" + name + "': its rollback is in force, but not in the journal yet");
  if (!checkpoint_problem_.empty()) out.push_back("experiments: " + checkpoint_problem_);
  return out;
}

}  // namespace triage::experiment
