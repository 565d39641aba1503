#pragma once
// Tells who supervises this process how it stands: sd_notify(3), without libsystemd.

#include <string_view>

namespace triage {

/// `state`: lines of NAME=VALUE. Without NOTIFY_SOCKET nobody wants to know.
void tell_supervisor(std::string_view state);

/// This process serves, and it is the one to watch.
void tell_supervisor_ready();

}  // namespace triage
