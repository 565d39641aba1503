#pragma once
// Protects a gateway without keys from web pages. Pure.
//
// A gateway without keys trusts everyone who can reach it, and a page in a browser reaches whatever the browser's
// machine does, loopback included; by DNS rebinding it does so under its own name. So the Host of a request that may
// come from a page must be a name that cannot belong to one; with `listen.hosts`, the Host of every request. Browsers
// add an Origin to every request that changes something: it must be a page of this machine, of the same host, or one
// that `listen.cors` or `listen.hosts` allows. A gateway with keys needs none of this: a page has no key.

#include "triage/error.hpp"
#include "triage/message.hpp"
#include "triage/spec.hpp"

#include <optional>

namespace triage {

/// Why the request must not be answered, or nullopt. Checked only if there are no keys, and the listener is on a
/// loopback address or has a list of `hosts`. Errors: host_not_allowed, origin_not_allowed.
std::optional<Error> foreign_page(const ConfigSpec& config, const RequestHead& head);

}  // namespace triage
