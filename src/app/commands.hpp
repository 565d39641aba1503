#pragma once
// The list of all commands. To add one: a file here, a line in main.cpp.

#include <string>
#include <vector>

namespace triage {

/// The arguments after the command's name. A command returns the exit code, and throws UsageError for wrong use, other
/// exceptions when it could not run.
using Words = std::vector<std::string>;

int serve_command(const Words& words);
int similarity_command(const Words& words);
int simulate_command(const Words& words);
int calibrate_command(const Words& words);
int check_command(const Words& words);
int eval_command(const Words& words);
int experiment_command(const Words& words);
int evalset_command(const Words& words);
int explain_command(const Words& words);
int features_command(const Words& words);
int export_command(const Words& words);
int ledger_command(const Words& words);
int report_command(const Words& words);
int health_command(const Words& words);
int import_command(const Words& words);
int judge_command(const Words& words);
int key_command(const Words& words);
int plan_command(const Words& words);
int prices_command(const Words& words);
int replay_command(const Words& words);
int schema_command(const Words& words);
int spotcheck_command(const Words& words);
int sweep_command(const Words& words);
int top_command(const Words& words);
int version_command(const Words& words);

extern const char* const serve_help;
extern const char* const similarity_help;
extern const char* const simulate_help;
extern const char* const calibrate_help;
extern const char* const check_help;
extern const char* const eval_help;
extern const char* const experiment_help;
extern const char* const evalset_help;
extern const char* const explain_help;
extern const char* const features_help;
extern const char* const export_help;
extern const char* const ledger_help;
extern const char* const report_help;
extern const char* const health_help;
extern const char* const import_help;
extern const char* const judge_help;
extern const char* const key_help;
extern const char* const plan_help;
extern const char* const prices_help;
extern const char* const replay_help;
extern const char* const schema_help;
extern const char* const spotcheck_help;
extern const char* const sweep_help;
extern const char* const top_help;
extern const char* const version_help;

}  // namespace triage
