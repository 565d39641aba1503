#pragma once
// The commands. To add one: a file here, a line in commands.cpp.

#include "app/command.hpp"

namespace triage {

/// The list of all commands, as help shows it.
const std::vector<CommandGroup>& commands();

Command calibrate_command();
Command check_command();
Command completion_command();
Command eval_command();
Command evalset_command();
Command experiment_command();
Command explain_command();
Command export_command();
Command features_command();
Command health_command();
Command import_command();
Command judge_command();
Command key_command();
Command ledger_command();
Command man_command();
Command plan_command();
Command prices_command();
Command replay_command();
Command report_command();
Command schema_command();
Command serve_command();
Command similarity_command();
Command simulate_command();
Command spotcheck_command();
Command sweep_command();
Command top_command();
Command version_command();

/// Options that many commands have.
Option config_option();
/// --config and --ledger, one of which says which ledger is read.
std::vector<Option> ledger_options();
Option since_option(std::string about);
Option json_option();

/// One list after another.
std::vector<Option> joined_options(std::vector<Option> first, const std::vector<Option>& more);

}  // namespace triage
