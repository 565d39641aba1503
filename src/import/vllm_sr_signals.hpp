#pragma once
// The semantic router's signals, as far as Triage's rules can see them.

#include "import/draft.hpp"

#include <optional>

namespace triage::imports {

class Signals {
 public:
  Signals(const Item& root, Draft& draft);

  /// The `when` of {operator, conditions: [...]} or {type, name}; nullopt: nothing here tells. Alternatives that are
  /// not known are left out, with a note.
  std::optional<std::string> condition_of(const Item& rule, const NotesPtr& notes) const;

 private:
  void read_domains(const Item& domains);

  Draft& draft_;
  std::map<std::string, std::string> conditions_;  // TYPE:NAME -> YAML
};

}  // namespace triage::imports
