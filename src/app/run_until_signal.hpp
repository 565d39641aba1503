#pragma once
// The signals that a gateway obeys, and what the process needs before it serves.

#include "app/service.hpp"

namespace triage {

/// Waits for SIGINT or SIGTERM, then lets requests in flight end for at most grace(); a second signal ends it at once.
/// Meanwhile it tends the service and reloads it on SIGHUP. On SIGUSR2 it starts a successor, and ends when that one
/// serves.
/// Signals must be blocked in all threads (block_signals). Returns the exit code.
int run_until_signal(Service& service);

/// Blocks SIGINT and SIGTERM and, for a `gateway`, the other signals it uses. To be called before any thread is
/// started.
void block_signals(bool gateway);

/// Raises the limit on open descriptors as far as the system allows.
void raise_descriptor_limit();

}  // namespace triage
