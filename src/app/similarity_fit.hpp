#pragma once
// triage similarity fit, and what it shares with triage similarity embed.

#include "app/arguments.hpp"
#include "app/terminal.hpp"

#include <string>

namespace triage {

int fit_similarity(const Arguments& arguments);

/// The value of an option that must be given. Throws UsageError.
std::string value_of(const Arguments& arguments, const char* name);

}  // namespace triage
