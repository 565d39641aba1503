#pragma once
// `triage export --labels`: what the ledger knows of how well a weak and a strong model answer, one question a line, in
// the form that `triage eval` and training read:
//
//   {"id":"req_...","route":"chat","prompt":[...],"weak":0.4,"strong":0.9,"source":"shadow",
//    "weak_response":"...","strong_response":"...","cost_weak":0.00008,"cost_strong":0.0021,
//    "score":0.62,"router":"classifier","group":"math"}
//
// weak and strong are the scores of a pair's two answers. `source` says where from: ensemble, shadow, grade, feedback.
// score is the first that a router of the chain gave, group the request's class. Questions whose text was not recorded
// are left out.

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace triage::ledger {

struct LabelOptions {
  std::string folder;
  std::int64_t since_unix_ms = 0;  ///< older requests are left out
  std::string route = {};          ///< "": all
  /// Also requests with one answer that was graded or rated: the other outcome is null. A grade counts before feedback,
  /// the last one of its kind before earlier ones.
  bool partial = false;
  std::map<std::string, std::string> lowest_tier = {};  ///< by route; of others, the cheap tier of its pairs
};

struct Labels {
  std::uint64_t rows = 0;
  std::uint64_t partial = 0;          ///< of them: with one outcome
  std::uint64_t without_outcome = 0;  ///< pairs that were not scored
  std::uint64_t without_prompt = 0;   ///< labelled requests whose prompt is not recorded as text
  std::uint64_t cut = 0;              ///< those whose prompt is longer than was recorded
  std::uint64_t damaged = 0;          ///< lines of the journal that were passed over
  bool beside_gateway = false;
  bool written = true;  ///< false: `write` returned false, which stopped the export
};

/// Reads the ledger twice: outcomes come after their requests. `write` gets whole lines.
Labels export_labels(const LabelOptions& options, const std::function<bool(std::string_view)>& write);

}  // namespace triage::ledger
