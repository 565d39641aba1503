// routes.<name>.experiment: two policies that can be served, stages that rise, guardrails that make sense, groups whose
// experiments mean the same by a unit.
#include "config/check.hpp"
#include "options/values.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace triage::config {
namespace {

constexpr std::size_t secret_bytes_least = 16;

// As it is written.
std::string unit_text(const std::vector<UnitSpec>& units) {
  std::string out;
  for (const UnitSpec& unit : units) {
    const std::string name = unit.name();
    out += (out.empty() ? "" : ", ") + (name.empty() ? unit.kind : "{" + unit.kind + ": " + name + "}");
  }
  return "[" + out + "]";
}

}  // namespace

void Checker::check_experiments() {
  std::map<std::string, Path> names;
  for (const RouteSpec& route : spec_.routes) {
    const Path path = path_of(route) / "experiment";
    if (!route.experiment || !origins_.intact(path)) continue;
    check_experiment(route);
    if (!origins_.intact(path / "name") || route.experiment->name.empty()) continue;
    const auto [first, added] = names.emplace(route.experiment->name, path / "name");
    if (!added)
      error(path / "name", "experiment " + origins_.shown(path / "name", route.experiment->name) + " is defined twice",
            "the first one is at " + place_of(first->second));
  }
  check_groups();
}

void Checker::check_experiment(const RouteSpec& route) {
  const ExperimentSpec& experiment = *route.experiment;
  const Path path = path_of(route) / "experiment";
  if (!spec_.ledger && origins_.intact({"ledger"}))
    error(path, to_string(path) + " needs the ledger: it decides by what that has recorded",
          "add 'ledger: {dir: /var/lib/triage}'");
  if (!experiment.treatment && origins_.intact(path / "treatment"))
    error(path / "treatment", to_string(path) + " has no treatment: there is nothing to compare",
          "add 'treatment: {...}', with what differs from the route");
  check_arms(route);
  check_unit(experiment, path / "unit");
  check_stages(experiment, path / "stages");
  check_guardrails(experiment, path / "guardrails");
  if (origins_.intact(path / "alpha") && (experiment.alpha <= 0 || experiment.alpha >= 1))
    error(path / "alpha", to_string(path / "alpha") + " must be more than 0 and less than 1", "write 'alpha: 0.05'");
  if (experiment.webhook && !experiment.webhook->secret.empty() &&
      experiment.webhook->secret.reveal().size() < secret_bytes_least)
    warning(path / "webhook" / "secret",
            to_string(path / "webhook" / "secret") + " is shorter than 16 bytes: it could be guessed",
            "make one: openssl rand -hex 32");
}

// What is wrong with the route as well is told once.
void Checker::check_arms(const RouteSpec& route) {
  for (const RouteSpec* const arm : arms_of(route)) {
    const Path path = path_of(*arm);
    Report found(report_.files());
    Checker(spec_, origins_, found).check_policy(*arm);
    report_.add_news(found, to_string(path), to_string(path_of(route)));
  }
}

void Checker::check_unit(const ExperimentSpec& experiment, const Path& path) {
  if (experiment.unit.empty() && origins_.intact(path))
    error(path, to_string(path) + " is empty", "name what a user is known by, or remove the key for the gateway key");
  for (std::size_t i = 0; i < experiment.unit.size(); ++i) {
    const UnitSpec& unit = experiment.unit[i];
    const Path at = path / i / unit.kind;
    if (!origins_.intact(at) || unit.place() >= UnitKind::session) continue;
    const Refusal refusal =
        unit.place() == UnitKind::header ? check_field_name(unit.name()) : check_filled(unit.name());
    if (refusal)
      error(at, to_string(at) + " " + origins_.shown(at, unit.name()) + ": " + std::string(refusal.reason),
            std::string(refusal.fix));
  }
}

void Checker::check_stages(const ExperimentSpec& experiment, const Path& path) {
  if (experiment.stages.empty() && origins_.intact(path))
    error(path, to_string(path) + " is empty: nobody would ever get the treatment",
          "add '- {share: 0.01, at_least: 1d}', or remove the key for the default stages");
  double before = 0;
  for (std::size_t i = 0; i < experiment.stages.size(); ++i) {
    const StageSpec& stage = experiment.stages[i];
    const Path at = path / i;
    if (!origins_.intact(at) || !origins_.intact_inside(at)) continue;
    if (stage.share <= before)
      error(at / "share",
            to_string(at / "share") +
                (i == 0 ? " is 0: nobody would get the treatment" : " is not larger than that of the stage before"),
            i == 0 ? "start with a small share, such as 0.01" : "let the shares rise, up to 1");
    if (stage.share >= 1 && stage.units_min > 0)
      error(at / "units_min", to_string(at / "units_min") + " is never reached: at a share of 1 control has no units",
            "remove it, and ask for them in the stage before");
    before = std::max(before, stage.share);
  }
}

void Checker::check_guardrails(const ExperimentSpec& experiment, const Path& path) {
  std::set<QualitySignal> seen;
  for (std::size_t i = 0; i < experiment.guardrails.size(); ++i) {
    const GuardrailSpec& guardrail = experiment.guardrails[i];
    const Path at = path / i;
    if (!origins_.intact(at) || !origins_.intact_inside(at)) continue;
    const std::string signal(word(guardrail.signal));
    if (!seen.insert(guardrail.signal).second)
      error(at / "signal", to_string(path) + " names '" + signal + "' twice", "keep one of them");
    if (guardrail.margin >= 1)
      error(at / "margin", to_string(at / "margin") + " is 1: nothing can be worse by more", "write 'margin: 0.02'");
    if (guardrail.weight <= 0)
      error(at / "weight", to_string(at / "weight") + " is 0: the guardrail could never speak",
            "write 'weight: 1', or remove the guardrail");
    if (guardrail.cap_usd > 0 && guardrail.signal != QualitySignal::cost)
      warning(at / "cap_usd", to_string(at / "cap_usd") + " means nothing for '" + signal + "'", "remove it");
  }
}

// A unit of one experiment must not be two of another's.
void Checker::check_groups() {
  std::map<std::string, const RouteSpec*> firsts;
  for (const RouteSpec& route : spec_.routes) {
    if (!route.experiment || route.experiment->exclusive.empty()) continue;
    const Path path = path_of(route) / "experiment";
    if (!origins_.intact(path) || !origins_.intact_inside(path / "unit")) continue;
    const auto [first, added] = firsts.emplace(route.experiment->exclusive, &route);
    if (added || first->second->experiment->unit == route.experiment->unit) continue;
    error(path / "unit",
          to_string(path / "unit") + " differs from that of another experiment of group " +
              in_quotes(route.experiment->exclusive) + ": a user could be in both",
          "use the same units: unit: " + unit_text(first->second->experiment->unit));
  }
}

}  // namespace triage::config
