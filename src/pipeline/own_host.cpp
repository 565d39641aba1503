#include "pipeline/own_host.hpp"

#include "http1/field_grammar.hpp"
#include "http1/host_name.hpp"
#include "options/values.hpp"

#include <algorithm>

namespace triage {
namespace {

bool names(const std::vector<std::string>& hosts, std::string_view host) noexcept {
  return std::ranges::any_of(hosts, [host](const std::string& own) { return iequals(host, bare_host(own)); });
}

bool own_origin(const ListenSpec& listen, std::string_view origin, std::string_view asked_host) noexcept {
  const auto& pages = listen.cors.origins;
  if (std::ranges::any_of(pages, [&](const std::string& page) { return page == "*" || page == origin; })) return true;
  const std::string_view host = web_origin_host(origin);
  if (host.empty()) return !iequals(origin, "null");  // an app's own scheme: no page of the web
  return is_loopback(host) || iequals(host.substr(host.rfind('.') + 1), "localhost") || iequals(host, asked_host) ||
         names(listen.hosts, host);
}

// Browsers add one of these to every request of a page; what else calls an API rarely has any.
bool may_be_of_a_page(const RequestHead& head) noexcept {
  return std::ranges::any_of(head.fields, [](const Field& field) {
    return iequals(field.name, "origin") || iequals(field.name, "referer") || iequals(field.name, "sec-fetch-site");
  });
}

}  // namespace

std::optional<Error> foreign_page(const ConfigSpec& config, const RequestHead& head) {
  const ListenSpec& listen = config.listen;
  if (!config.keys.empty() || (!is_loopback(listen.address.host) && listen.hosts.empty())) return std::nullopt;
  if (listen.hosts.empty() && !may_be_of_a_page(head)) return std::nullopt;
  const std::string_view host = bare_host(head.host);
  if (!host.empty() && !is_local_host(host) && !names(listen.hosts, host))
    return Error{ErrorCode::host_not_allowed, "this gateway has no keys and does not answer to the host " +
                                                  grammar::quote(head.host) +
                                                  "; add the name to listen.hosts, or configure 'keys'"};
  const auto origin = find_field(head.fields, "origin");
  if (origin && !own_origin(listen, *origin, host))
    return Error{ErrorCode::origin_not_allowed, "this gateway has no keys and takes no requests of pages of " +
                                                    grammar::quote(*origin) +
                                                    "; add them to listen.cors.origins, or configure 'keys'"};
  return std::nullopt;
}

}  // namespace triage
