#pragma once
// triage experiment forecast.

#include "app/arguments.hpp"
#include "triage/spec.hpp"

#include <string>

namespace triage {

int forecast_command(const ConfigSpec& config, const std::string& name, const Arguments& arguments);

}  // namespace triage
