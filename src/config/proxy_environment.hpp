#pragma once
// The proxies that the environment names, as curl and Go's net/http read it: https_proxy or HTTPS_PROXY for https
// providers, http_proxy for others (in lower case only: to a CGI script, HTTP_PROXY is what a client says), all_proxy
// for both, and no_proxy: a list, with commas, of names (whose subdomains count, too), addresses, networks
// (10.0.0.0/8), each with :port or without, or `*`. This machine is never reached through one.

#include "options/origins.hpp"
#include "options/report.hpp"
#include "triage/spec.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace triage::config {

/// The value of a variable; empty: it is not set.
using Variables = std::function<std::string(const char* name)>;

struct EnvironmentProxy {
  std::string variable;  ///< that names it; empty: the provider is reached directly
  std::string value;
};

/// Whether `list`, a no_proxy, names `url`.
bool is_excepted(std::string_view list, const Url& url);

/// Which variable names the proxy for `url`.
EnvironmentProxy proxy_for(const Url& url, const Variables& variables);

/// Sets `provider`'s proxy, user and password from [http://][user[:password]@]host[:port][/]. False: `text` is no such
/// thing.
bool use_proxy(Provider& provider, std::string text);

/// Does so for all providers that have no proxy of their own, if the spec says so.
void use_environment_proxies(ConfigSpec& spec, const options::Origins& origins, options::Report& report,
                             const Variables& variables);

}  // namespace triage::config
