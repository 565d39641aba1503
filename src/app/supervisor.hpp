#pragma once
// Tells the process's supervisor its state: sd_notify(3), without libsystemd.

#include <string_view>

namespace triage {

/// `state`: lines of NAME=VALUE. Does nothing without NOTIFY_SOCKET.
void tell_supervisor(std::string_view state);

/// Tells it that this process serves, and is the one to watch.
void tell_supervisor_ready();

}  // namespace triage
