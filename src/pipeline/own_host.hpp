#pragma once
// Pages of a browser that have the gateway under a name of theirs (DNS rebinding), or send it what needs no answer
// read. Pure.
//
// A gateway that has keys is safe from them: a page has none. One without keys believes whoever reaches it, and a page
// reaches whatever its browser does, loopback included. So there the request's Host must be a name that cannot be the
// page's, and its Origin, which a browser adds to every request that a page can read or that changes something, a page
// of this machine, of the same host, or one that `listen.cors` or `listen.hosts` names.

#include "triage/error.hpp"
#include "triage/message.hpp"
#include "triage/spec.hpp"

#include <optional>

namespace triage {

/// Why `head` is not answered, or nullopt. Errors: host_not_allowed, origin_not_allowed. Said only where there are no
/// keys, and the listener is loopback or names its `hosts`.
std::optional<Error> foreign_page(const ConfigSpec& config, const RequestHead& head);

}  // namespace triage
