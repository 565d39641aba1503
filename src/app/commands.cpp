#include "app/commands.hpp"

namespace triage {

const std::vector<CommandGroup>& commands() {
  static const std::vector<CommandGroup> groups{
      {"Run it", {serve_command(), simulate_command(), health_command()}},
      {"Configure it",
       {check_command(), explain_command(), schema_command(), import_command(), key_command(), prices_command()}},
      {"See what it does and costs", {report_command(), top_command(), ledger_command(), export_command()}},
      {"Change it safely", {replay_command(), experiment_command(), plan_command()}},
      {"Choose routers and thresholds",
       {eval_command(), sweep_command(), similarity_command(), calibrate_command(), features_command()}},
      {"Watch the quality of answers", {judge_command(), spotcheck_command(), evalset_command()}},
      {"Besides", {completion_command(), man_command(), version_command()}},
  };
  return groups;
}

Option config_option() {
  Option out{"config", "FILE", "the configuration; triage.yaml in the current directory if not given"};
  out.found_here = true;
  return out;
}

std::vector<Option> ledger_options() {
  Option config{"config", "FILE",
                "the configuration whose ledger is read; triage.yaml in the current directory if not given"};
  config.found_here = true;
  config.instead = "ledger";
  return {config, {"ledger", "DIR", "a ledger's directory, instead of --config"}};
}

Option since_option(std::string about) {
  return {"since", "TIME", std::move(about) + "; as 24h, 7d, 2026-11-21 or 2026-11-21T20:00Z"};
}

Option json_option() {
  return {"json", "", "prints JSON, for programs"};
}

std::vector<Option> joined_options(std::vector<Option> first, const std::vector<Option>& more) {
  first.insert(first.end(), more.begin(), more.end());
  return first;
}

}  // namespace triage
