#pragma once
// What `triage evalset` does, and what it finds.

#include "app/arguments.hpp"
#include "app/evalset.hpp"
#include "statistics/interval.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace triage {

/// triage evalset build, run. They return the exit code.
int evalset_build(const Arguments& arguments);
int evalset_run(const Arguments& arguments);

/// The rows of a file. nullopt: they have problems, which stderr has been told.
std::optional<std::vector<EvalRow>> rows_of_file(const std::string& name);

/// --budget-usd: 10 if not given; nullopt: `none`.
std::optional<double> budget_of(const Arguments& arguments);

/// The value of a whole-number option from 1 to `most`.
std::size_t count_of(const Arguments& arguments, const char* name, std::size_t otherwise, std::size_t most);

/// What one grader says of one answer.
struct EvalGrade {
  std::string version;
  std::optional<double> score;  ///< absent: not enough to tell
  /// Of a pairwise judge: how the answer did against the reference, 1 better, 0 as good, -1 worse.
  std::optional<int> against_reference;
  std::string reason;
};

/// What became of one row with one candidate.
struct EvalResult {
  std::string candidate;
  std::string fingerprint;  ///< of the candidate: another one is asked anew
  std::string id;           ///< the row's
  std::string deployment;
  std::string problem;                        ///< why there is no answer; empty: there is one
  std::optional<std::int64_t> cost_nano_usd;  ///< of the answer
  std::optional<std::int64_t> grading_nano_usd;
  std::string answer;
  std::map<std::string, EvalGrade> grades;  ///< by grader
};

/// As a line of the file of results, and back; nullopt: it is none.
std::string line_of(const EvalResult& result);
std::optional<EvalResult> result_in(std::string_view line);

/// The name under which the references themselves are graded.
inline constexpr std::string_view reference_name = "(reference)";

enum class EvalVerdict : std::uint8_t { passes, fails, undecided };

/// A candidate as one grader sees it.
struct GradedCandidate {
  std::string grader;
  std::size_t graded = 0;
  std::size_t not_enough = 0;
  double score = 0;       ///< mean
  double difference = 0;  ///< mean of its score less the reference's, on the same rows, in [-1,1]
  statistics::Interval interval{-1, 1};
  EvalVerdict verdict = EvalVerdict::undecided;
};

struct EvaluatedCandidate {
  std::string name;
  std::size_t rows = 0;
  std::size_t failed = 0;          ///< rows without an answer: they count as worst
  std::optional<double> cost_usd;  ///< of an answer, on average; absent: not known
  std::vector<GradedCandidate> graders;
  EvalVerdict verdict = EvalVerdict::undecided;  ///< passes if it does with all graders
};

struct EvalReport {
  double margin = 0.05;
  double confidence = 0.95;
  std::vector<EvaluatedCandidate> candidates;
};

/// A candidate passes if, with this confidence, its mean is above the reference's less `margin`, and fails if it is
/// below that. The intervals hold for any distribution and however few rows there are. Pure.
EvalReport evaluate(const std::vector<EvalResult>& results, double margin, double confidence);

std::string eval_text(const EvalReport& report);
std::string eval_json(const EvalReport& report);

}  // namespace triage
