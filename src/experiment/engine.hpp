#pragma once
// All experiments that the journal knows, by name.

#include "experiment/experiment.hpp"

#include <map>
#include <string>
#include <string_view>

namespace triage::experiment {

class Engine {
 public:
  /// Lines must be folded in the journal's order, each once.
  void fold(const JournalLine& line);

  /// The one of that name, which may be unknown to the journal.
  Experiment& at(const std::string& name);
  [[nodiscard]] const Experiment* find(std::string_view name) const;
  [[nodiscard]] const std::map<std::string, Experiment, std::less<>>& all() const noexcept { return experiments_; }

  /// The state as bytes (experiment/archive.hpp).
  [[nodiscard]] std::string save() const;
  /// False, and nothing has changed, if `state` is not what save() of this version makes.
  bool load(std::string_view state);

 private:
  std::map<std::string, Experiment, std::less<>> experiments_;
};

}  // namespace triage::experiment
