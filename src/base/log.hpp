#pragma once
// The gateway's log, on stderr. spdlog is used behind these functions only: its header is slow to compile.
// Nothing secret and nothing of a request's content may be passed here.

#include <string_view>

namespace triage::log {

void info(std::string_view message);
void warn(std::string_view message);
void error(std::string_view message);

}  // namespace triage::log
