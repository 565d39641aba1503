#pragma once
// A name that is misspelt where it is defined is one mistake, however many places use it.

#include "options/origins.hpp"
#include "options/report.hpp"
#include "triage/spec.hpp"

#include <optional>

namespace triage::config {

/// Reports each definition whose name several places spell in another way, and each of those places no more: returns
/// the spec with such a section under the name that they use as well. What is only in there is not written. Also a
/// route's tier whose name no tier has, which check_policy() reports, is there under the name that was meant.
/// nullopt: there is no such name.
std::optional<ConfigSpec> with_meant_names(const ConfigSpec& spec, const options::Origins& origins,
                                           options::Report& report);

}  // namespace triage::config
