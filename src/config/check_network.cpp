// Who can reach the gateway, whom the gateway trusts with a key, and the files that TLS needs.
#include "config/check.hpp"

#include "base/file.hpp"
#include "base/tls_files.hpp"
#include "options/values.hpp"
#include "triage/message.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

namespace triage::config {
namespace {

constexpr std::size_t pem_bytes_max = 16 * 1024 * 1024;

// The host as the listener reads it: an IP address or localhost.
std::string numeric(const std::string& host) {
  return host == "localhost" ? "127.0.0.1" : host;
}

bool is_ip_address(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> unused{};
  return inet_pton(AF_INET, host.c_str(), unused.data()) == 1 || inet_pton(AF_INET6, host.c_str(), unused.data()) == 1;
}

// Whether two listeners would claim the same port.
bool collide(const Address& a, const Address& b) {
  const auto is_any = [](const Address& each) { return each.host == "0.0.0.0" || each.host == "::"; };
  return a.port == b.port && a.port != 0 && (numeric(a.host) == numeric(b.host) || is_any(a) || is_any(b));
}

std::string fix_of(std::string_view key) {
  if (key == "ciphers") return "leave it out, or write a list of `openssl ciphers -tls1_2`";
  if (key == "key") return "give the key that the certificate was made for, in PEM form, not encrypted";
  return "give the chain in PEM form, the leaf first";
}

}  // namespace

void Checker::check_network() {
  check_listen();
  check_tls();
  check_admin();
  for (const Provider& provider : spec_.providers) {
    if (!written({"providers", provider.name})) continue;  // only meant
    check_provider(provider);
    check_proxy(provider);
    check_client_tls(provider);
    check_several_keys(provider);
    check_cloud(provider);
  }
  check_opentelemetry();
}

// A name would be looked up once, and nobody could tell which of its addresses was meant.
void Checker::check_address(const Path& path, const Address& address) {
  if (!origins_.intact(path) || is_ip_address(numeric(address.host))) return;
  error(path, to_string(path) + " " + origins_.shown(path, format_address(address)) + " is not an IP address",
        "write the address to listen on: 127.0.0.1, 0.0.0.0 or [::] for all, or one of this machine's");
}

void Checker::check_listen() {
  const Path path{"listen", "address"};
  check_address(path, spec_.listen.address);
  const bool known =
      origins_.intact(path) && origins_.intact({"keys"}) && origins_.intact({"listen", "unauthenticated"});
  if (!known || !spec_.keys.empty() || spec_.listen.unauthenticated || is_loopback(spec_.listen.address.host)) return;
  error(path,
        "listen.address " + origins_.shown(path, format_address(spec_.listen.address)) +
            " is open to other machines, and there are no keys",
        "add 'keys' (triage key new --name NAME), or say 'unauthenticated: allow' in 'listen'");
}

void Checker::check_tls() {
  if (!spec_.listen.tls) return;
  const Path path{"listen", "tls"};
  const TlsSpec& tls = *spec_.listen.tls;
  const bool cert = check_pem(path / "cert", tls.cert, "CERTIFICATE-----");
  const bool key = check_pem(path / "key", tls.key, "PRIVATE KEY-----");
  if (!cert || !key || !origins_.intact(path / "ciphers") || !origins_.intact(path / "min_version")) return;
  std::optional<TlsFault> fault;
  const TlsContextPointer context = tls_server_context(tls, fault);
  if (fault) return error(path / fault->key, "listen.tls: " + fault->message, fix_of(fault->key));
  if (const std::string weak = weak_suite(*context); !weak.empty())
    warning(path / "ciphers", "listen.tls.ciphers has " + weak + ", without forward secrecy or with an old cipher",
            "leave 'ciphers' out, unless a client can do no better");
  if (expired(*context))
    warning(path / "cert", "listen.tls.cert: " + origins_.shown(path / "cert", tls.cert) + " has expired",
            "clients will refuse it: put the renewed one there");
}

bool Checker::check_pem(const Path& path, const std::string& file, std::string_view holds) {
  if (file.empty() || !origins_.intact(path)) return false;
  std::string reason;
  const auto text = read_file(file, pem_bytes_max, reason);
  if (!text)
    error(path, to_string(path) + ": cannot read " + origins_.shown(path, file) + ": " + reason,
          "check the path and its permissions; it is relative to the working directory");
  else if (text->find("-----BEGIN ") == std::string::npos || text->find(holds) == std::string::npos)
    error(path,
          to_string(path) + ": " + origins_.shown(path, file) + " has no '" +
              std::string(holds.substr(0, holds.size() - 5)) + "' in PEM form",
          "PEM starts with a line -----BEGIN ...-----");
  else
    return true;
  return false;
}

void Checker::check_admin() {
  const Path path{"admin", "address"};
  const Address& admin = spec_.admin.address;
  const Address& listen = spec_.listen.address;
  check_address(path, admin);
  if (!origins_.intact(path)) return;
  if (!is_loopback(admin.host))
    warning(path,
            "admin.address " + origins_.shown(path, format_address(admin)) +
                " is open to other machines, and it asks for no key",
            "use 127.0.0.1, or keep others away with a firewall");
  if (!collide(admin, listen) || !origins_.intact({"listen", "address"})) return;
  error(path,
        admin == listen ? "admin.address is the same as listen.address"
                        : "admin.address claims the same port as listen.address",
        "choose another port");
}

void Checker::check_provider(const Provider& provider) {
  const Path path{"providers", provider.name};
  const Url& url = provider.base_url;
  const bool secret = !provider.api_key.empty() || !provider.keys.empty() || !provider.session_token.empty() ||
                      provider.credentials.given();
  if (secret && !url.host.empty() && !url.tls && !is_loopback(url.host))
    warning(path / "base_url", to_string(path) + " sends its key over plain http to another machine",
            "use https, unless you trust every network between");
  if (check_pem(path / "ca_file", provider.ca_file, "CERTIFICATE-----"))
    if (const std::string fault = untrustworthy(provider.ca_file); !fault.empty())
      error(path / "ca_file",
            to_string(path / "ca_file") + ": cannot use " + origins_.shown(path / "ca_file", provider.ca_file) + ": " +
                fault,
            "it must hold certificates in PEM form");
  if (!provider.ca_file.empty() && !url.host.empty() && !url.tls)
    warning(path / "ca_file", to_string(path / "ca_file") + " is not used: base_url is plain http",
            "use https, or remove it");
  for (const auto& [name, value] : provider.headers)
    if (iequals(name, "authorization") && (!provider.api_key.empty() || !provider.keys.empty()))
      report_.error(origins_.key_place(path / "headers" / name),
                    to_string(path) + " sets " + in_quotes(name) + " and an api_key", "keep one of the two");
}

void Checker::check_proxy(const Provider& provider) {
  const Path path{"providers", provider.name};
  if (!origins_.intact(path / "proxy")) return;
  if (provider.proxy && provider.proxy->tls)
    error(path / "proxy", to_string(path / "proxy") + " is an https URL", "a proxy is reached over http://");
  if (provider.proxy && !provider.proxy->path.empty())
    error(path / "proxy", to_string(path / "proxy") + " has a path", "write http://host:port only");
  const bool named = !provider.proxy_user.empty();
  if ((named || !provider.proxy_password.empty()) && !provider.proxy)
    error(path / (named ? "proxy_user" : "proxy_password"),
          to_string(path) + " has " + (named ? "a proxy_user" : "a proxy_password") + " and no proxy",
          "add 'proxy: http://host:port', or remove it");
  else if (!named && !provider.proxy_password.empty() && origins_.intact(path / "proxy_user"))
    error(path / "proxy_password", to_string(path) + " has a proxy_password and no proxy_user",
          "add 'proxy_user: ...'");
  if (named && provider.proxy_user.find(':') != std::string::npos)
    error(path / "proxy_user", to_string(path / "proxy_user") + " has a colon, which would end it",
          "write what comes before the colon here, and what comes after it as 'proxy_password'");
}

void Checker::check_client_tls(const Provider& provider) {
  const Path path = Path{"providers", provider.name} / "tls";
  const ClientTlsSpec& tls = provider.tls;
  if (tls.client_cert.empty() && tls.client_key.empty()) return;
  const std::string missing = tls.client_cert.empty() ? "client_cert" : tls.client_key.empty() ? "client_key" : "";
  if (!missing.empty() && origins_.intact(path / missing))
    return error(path, to_string(path) + " has no " + in_quotes(missing), "give client_cert and client_key, both");
  const bool cert = check_pem(path / "client_cert", tls.client_cert, "CERTIFICATE-----");
  const bool key = check_pem(path / "client_key", tls.client_key, "PRIVATE KEY-----");
  if (!cert || !key) return;
  if (const auto fault = unusable_key_pair(tls.client_cert, tls.client_key))
    return error(path / ("client_" + fault->key), to_string(path) + ": " + fault->message, fix_of(fault->key));
  if (!provider.base_url.host.empty() && !provider.base_url.tls)
    warning(path, to_string(path) + " is not used: base_url is plain http", "use https, or remove it");
}

// What else belongs to a provider with `keys`.
void Checker::check_several_keys(const Provider& provider) {
  const Path path{"providers", provider.name};
  if (provider.keys.empty()) return;
  const bool other = provider.credentials.given() || !provider.access_key_id.empty();
  if (!provider.api_key.empty() || other)
    error(path / "keys", to_string(path) + " has keys and " + (other ? "other credentials" : "an api_key"),
          "keep one of the two; a provider with one key has an 'api_key'");
  for (std::size_t i = 0; i < provider.keys.size(); ++i) {
    const auto same = [&](const ProviderKey& key) { return key.name == provider.keys[i].name; };
    const auto first = std::ranges::find_if(provider.keys, same);
    if (first == provider.keys.begin() + static_cast<std::ptrdiff_t>(i) || !origins_.intact(path / "keys" / i))
      continue;
    error(path / "keys" / i, to_string(path / "keys") + " has two that are called " + in_quotes(first->name),
          "give each a name of its own");
  }
}

void Checker::check_opentelemetry() {
  if (!spec_.opentelemetry) return;
  const Path path{"opentelemetry"};
  if (!spec_.ledger && origins_.intact({"ledger"}))
    error(path, "opentelemetry is set, and there is no ledger, which its traces and metrics are made of",
          "add 'ledger: {dir: ...}'");
  if (check_pem(path / "ca_file", spec_.opentelemetry->ca_file, "CERTIFICATE-----"))
    if (const std::string fault = untrustworthy(spec_.opentelemetry->ca_file); !fault.empty())
      error(path / "ca_file",
            to_string(path / "ca_file") + ": cannot use " +
                origins_.shown(path / "ca_file", spec_.opentelemetry->ca_file) + ": " + fault,
            "it must hold certificates in PEM form");
  const std::string& below = spec_.opentelemetry->endpoint.path;
  if (below.ends_with("/v1/traces") || below.ends_with("/v1/metrics"))
    error(path / "endpoint", to_string(path / "endpoint") + " ends in " + in_quotes(below.substr(below.rfind("/v1/"))),
          "write what comes before that: it is added");
}

}  // namespace triage::config
