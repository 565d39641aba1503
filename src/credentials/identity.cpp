// {"type":"service_account","client_email":...,"private_key":"-----BEGIN PRIVATE KEY-----...","private_key_id":...,
//  "token_uri":"https://oauth2.googleapis.com/token"}
// {"type":"authorized_user","client_id":...,"client_secret":...,"refresh_token":...}
// {"tenantId":...,"clientId":...,"clientSecret":...}       as `az ad sp create-for-rbac` writes it; also with
//  tenant_id, client_id, client_secret, or tenant, appId, password; activeDirectoryEndpointUrl or authority
// eyJ0eXAi...                                             a token
#include "credentials/identity.hpp"

#include "base/percent.hpp"
#include "json/json.hpp"
#include "options/values.hpp"
#include "triage/body_padding.hpp"

#include <algorithm>
#include <map>

namespace triage::credentials {
namespace {

constexpr std::string_view google_token_uri = "https://oauth2.googleapis.com/token";
constexpr std::string_view entra_authority = "https://login.microsoftonline.com";

Error bad(std::string what) {
  return {ErrorCode::invalid_config, std::move(what)};
}

using Members = std::map<std::string, std::string>;

// The members of the object that are strings.
std::optional<Members> read_members(std::string_view text) {
  std::string padded(text);
  padded.append(body_padding, '\0');
  JsonReader in(std::string_view(padded).substr(0, text.size()));
  Members out;
  const bool object = each_member(in, [&](const JsonString& name) {
    JsonString value;
    if (in.kind() == JsonReader::Kind::string && in.string(value))
      out[name.text()] = value.text();
    else
      in.skip();
  });
  if (!object || !in.finish()) return std::nullopt;
  return out;
}

class Finder {
 public:
  explicit Finder(const Members& members) : members_(members) {}

  // The first of these that is there.
  std::string take(std::initializer_list<const char*> names) {
    for (const char* name : names) {
      const auto found = members_.find(name);
      if (found != members_.end() && !found->second.empty()) return found->second;
    }
    if (missing_.empty()) missing_ = *names.begin();
    return {};
  }
  std::string take(const char* name, std::string_view otherwise) const {
    const auto found = members_.find(name);
    return found != members_.end() && !found->second.empty() ? found->second : std::string(otherwise);
  }
  Url url(const std::string& text) {
    auto parsed = parse_url(text);
    if (parsed) return std::move(*parsed);
    bad_url_ = true;
    return {};
  }
  [[nodiscard]] std::optional<Error> error() const {
    if (!missing_.empty()) return bad("it has no '" + missing_ + "'");
    if (bad_url_) return bad("the address that it asks for tokens is no URL");
    return std::nullopt;
  }

 private:
  const Members& members_;
  std::string missing_;
  bool bad_url_ = false;
};

Identity service_account(Finder& in) {
  ServiceAccount out;
  out.email = in.take({"client_email"});
  out.private_key = Secret(in.take({"private_key"}));
  out.key_id = in.take("private_key_id", "");
  out.token_uri = in.url(in.take("token_uri", google_token_uri));
  return out;
}

Identity google_user(Finder& in) {
  GoogleUser out;
  out.client_id = in.take({"client_id"});
  out.client_secret = Secret(in.take({"client_secret"}));
  out.refresh_token = Secret(in.take({"refresh_token"}));
  out.token_uri = in.url(in.take("token_uri", google_token_uri));
  return out;
}

Identity entra_application(Finder& in) {
  EntraApplication out;
  out.client_id = in.take({"clientId", "client_id", "appId"});
  out.client_secret = Secret(in.take({"clientSecret", "client_secret", "password"}));
  const std::string tenant = in.take({"tenantId", "tenant_id", "tenant"});
  std::string authority = in.take("activeDirectoryEndpointUrl", in.take("authority", entra_authority));
  while (authority.ends_with('/')) authority.pop_back();
  out.token_uri = in.url(authority + "/" + percent_encoded(tenant) + "/oauth2/v2.0/token");
  return out;
}

}  // namespace

Result<Identity> read_identity(std::string_view text) {
  constexpr std::string_view white = " \t\r\n";
  const std::size_t first = text.find_first_not_of(white);
  if (first == std::string_view::npos) return bad("it is empty");
  text = text.substr(first, text.find_last_not_of(white) + 1 - first);
  if (text.front() != '{') {
    const auto visible = [](char c) { return c > ' ' && c < '\x7f'; };
    if (!std::ranges::all_of(text, visible)) return bad("it is neither JSON nor a token");
    return Identity(FoundToken{Secret(std::string(text))});
  }
  const auto members = read_members(text);
  if (!members) return bad("it is no valid JSON object");
  Finder in(*members);
  const std::string type = in.take("type", "");
  Identity out;
  if (type == "service_account")
    out = service_account(in);
  else if (type == "authorized_user")
    out = google_user(in);
  else if (type.empty())
    out = entra_application(in);
  else
    return bad(
        "its type is not known: it must be a service_account or an authorized_user of Google's, or an application "
        "of Microsoft Entra's");
  if (auto error = in.error()) return *std::move(error);
  return out;
}

}  // namespace triage::credentials
