#pragma once
// What a ledger knows of the quality of answers: the grades of its judge, and what people say of the same answers.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace triage::ledger {

/// The judge's last grade of one answer.
struct JudgeGrade {
  std::string route;
  std::string arm;      ///< empty: in no experiment
  std::string version;  ///< of the judge
  std::optional<double> score;
  std::int64_t time_unix_ms = 0;
};

/// What a person says of one answer. A spot check counts before the app's feedback, the later before the earlier.
struct HumanLabel {
  std::string route;
  std::string arm;
  double value = 0;  ///< 0..1
  bool spotcheck = false;
  std::string version;  ///< of a spot check: who gave it
  std::string reason;
};

struct Grades {
  std::unordered_map<std::string, JudgeGrade> judge;       ///< by the request's id
  std::unordered_map<std::string, HumanLabel> labels;      ///< likewise
  std::unordered_map<std::string, std::string> corrected;  ///< the answers that should have been given, by feedback
  std::uint64_t damaged = 0;                               ///< lines of the journal that were passed over
  bool beside_gateway = false;
};

/// The lines of that time or later.
Grades read_grades(const std::string& folder, std::int64_t since_unix_ms);

/// The 0..1 of feedback: its thumb, else its score, else whether the task is done.
std::optional<double> value_of_feedback(std::optional<double> score, std::optional<bool> completed,
                                        std::optional<std::string_view> thumb);

/// What an experiment assigned to a request, as read back.
struct StoredExperiment {
  std::string name;
  std::string version;
  std::string arm;
  std::string unit;
  double share = 0;
};
/// nullopt: there is none.
std::optional<StoredExperiment> read_experiment(std::optional<std::string_view> json);

/// An answer that a client got.
struct AnsweredRequest {
  std::string id;
  std::int64_t time_unix_ms = 0;
  std::string route;
  std::string tier;
  std::optional<StoredExperiment> experiment;
  std::string prompt;      ///< as JSON; empty: its text was not recorded
  bool whole = true;       ///< the prompt is not cut off
  std::string answer;      ///< likewise
  std::string task_class;  ///< empty: none
};

/// Calls visit() with each request that was answered, of that time or later; `texts`: with their texts. False of
/// visit() ends it. Returns the number of damaged lines.
std::uint64_t each_answered(const std::string& folder, std::int64_t since_unix_ms, bool texts,
                            const std::function<bool(const AnsweredRequest&)>& visit);

}  // namespace triage::ledger
