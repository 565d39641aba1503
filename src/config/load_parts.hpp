#pragma once
// The files that options of routers name, see options/part_files.hpp.

#include "config/sources.hpp"
#include "options/part_files.hpp"
#include "triage/spec.hpp"

#include <map>
#include <string>

namespace triage::config {

/// Has each router of `spec` read the files that its options name, and reports what is wrong with them. The spec is
/// read, but not checked. Returns the digests of those files, by the path of the route or arm.
std::map<Path, std::string> load_parts(ConfigSpec& spec, const Origins& origins, Sources& sources, Report& report,
                                       DerivedFiles derived);

}  // namespace triage::config
