#pragma once
// What every reader makes of a foreign configuration, and the writer turns into YAML: the parts of Triage's
// configuration that other gateways have a counterpart for, each with its comments.

#include "import/foreign.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace triage::imports {

/// What a variable holds that names a file, until it is set.
inline constexpr const char* a_file = "a file";

/// The members of a map, in order: names, and values that are YAML already.
using Members = std::vector<std::pair<std::string, std::string>>;

struct ImportedKey {
  std::string name;
  std::string sha256;
  NotesPtr notes = std::make_shared<Notes>();
};

struct ImportedProvider {
  std::string name;
  Members settings;  ///< dialect, base_url, credentials ...
  NotesPtr notes = std::make_shared<Notes>();
};

struct ImportedDeployment {
  std::string name;
  std::string provider;
  std::string model;
  Members settings;  ///< price, context_window ...
  NotesPtr notes = std::make_shared<Notes>();
};

struct ImportedMember {
  std::string deployment;
  std::uint32_t weight = 1;
};

struct ImportedTier {
  std::string name;
  std::vector<ImportedMember> members;
};

struct ImportedRule {
  std::string name;
  std::string when;  ///< YAML
  std::string tier;
  NotesPtr notes = std::make_shared<Notes>();
};

struct ImportedRoute {
  std::string name;
  std::vector<std::string> models;
  Members match;  ///< besides the models
  std::vector<ImportedTier> tiers;
  std::vector<ImportedRule> rules;
  std::string start;           ///< the tier where no rule holds; empty: the only one
  bool tiers_by_name = false;  ///< clients may name one
  Members timeouts;
  Members retry;
  NotesPtr notes = std::make_shared<Notes>();
};

struct ImportedConfig {
  std::string format;
  std::string file;
  NotesPtr notes = std::make_shared<Notes>();
  Members sections;  ///< listen, limits, breaker ...
  std::vector<ImportedKey> keys;
  std::deque<ImportedProvider> providers;  // deques: a reference stays good
  std::deque<ImportedDeployment> deployments;
  std::vector<std::string> tiers;
  std::vector<std::string> specialists;
  std::deque<ImportedRoute> routes;
  std::map<std::string, std::string> variables;  ///< that it needs -> something of the right form, for a check
};

/// A scalar of YAML; `${` in it stays what it is.
std::string yaml_text(std::string_view text);
/// "{a: b, c: d}"
std::string yaml_map(const Members& members);
/// "[a, b]" of texts that are YAML already.
std::string yaml_list(const std::vector<std::string>& items);
/// The same of texts that are not.
std::string yaml_texts(const std::vector<std::string>& texts);
/// "30s", of seconds; at least a millisecond.
std::string yaml_seconds(double seconds);

/// The whole file, which `triage check` takes.
std::string write_config(const ImportedConfig& config);

}  // namespace triage::imports
