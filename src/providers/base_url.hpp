#pragma once
// Where a provider is, if the configuration does not say it.

#include "triage/spec.hpp"

#include <string>
#include <string_view>

namespace triage {

/// The base URL of a provider that has none, by its dialect and its region or location. Empty host: it must be given.
Url default_base_url(const Provider& provider);

/// The region that requests to Bedrock are signed for: the one that is given, else the one in the host. Empty: unknown.
std::string region_of(const Provider& provider);

/// `host[:port]` as in the Host field: IPv6 in brackets, the scheme's default port left out.
std::string host_field(const Url& url);

}  // namespace triage
