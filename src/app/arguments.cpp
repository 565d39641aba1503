#include "app/arguments.hpp"

namespace triage {

Arguments::Arguments(const std::vector<std::string>& words, const std::set<std::string>& valued,
                     const std::set<std::string>& switches) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (!word.starts_with("--")) {
      words_.push_back(word);
      continue;
    }
    const std::size_t equals = word.find('=');
    const std::string name = word.substr(2, equals == std::string::npos ? equals : equals - 2);
    if (valued.contains(name)) {
      if (equals == std::string::npos && i + 1 == words.size()) throw UsageError("--" + name + " needs a value");
      options_[name].push_back(equals == std::string::npos ? words[++i] : word.substr(equals + 1));
    } else if ((switches.contains(name) || name == "help") && equals == std::string::npos) {
      options_[name].emplace_back();
    } else {
      throw UsageError("unknown option '" + word + "'");
    }
  }
}

bool Arguments::has(std::string_view name) const {
  return options_.contains(name);
}

std::string Arguments::value(std::string_view name) const {
  const auto found = options_.find(name);
  return found == options_.end() ? "" : found->second.back();
}

std::vector<std::string> Arguments::values(std::string_view name) const {
  const auto found = options_.find(name);
  return found == options_.end() ? std::vector<std::string>() : found->second;
}

}  // namespace triage
