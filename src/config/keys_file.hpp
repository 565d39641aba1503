#pragma once
// Clients' keys in a file of their own, for those who have more than fit into a configuration: the lines that
// `triage key new` prints, one key each. It is read without a YAML parser, so that 100,000 keys load in a second.
//
//   # a comment
//   - {name: checkout, sha256: "9f86d081...", routes: [chat]}

#include "config/sources.hpp"
#include "options/origins.hpp"
#include "triage/spec.hpp"

namespace triage::config {

using namespace options;

/// Adds the keys of `spec.keys_file` behind those that the configuration lists. What is wrong with them goes to
/// `report`: a line that cannot be read, a name or hash that another key has, a route that does not exist.
void read_keys_file(ConfigSpec& spec, Sources& sources, const Origins& origins, Report& report);

}  // namespace triage::config
