// service account   grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer&assertion=HEADER.CLAIMS.SIGNATURE
// Google's user     grant_type=refresh_token&client_id=...&client_secret=...&refresh_token=...
// Entra             grant_type=client_credentials&client_id=...&client_secret=...&scope=...
// answer            {"access_token":"...","expires_in":3599,"token_type":"Bearer"}  or
// {"error":...,"error_description":...}
#include "credentials/token.hpp"

#include "base/percent.hpp"
#include "base/tls_files.hpp"
#include "json/json.hpp"
#include "triage/body_padding.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <algorithm>
#include <charconv>
#include <memory>

namespace triage::credentials {
namespace {

using std::chrono::seconds;
using std::chrono::system_clock;

constexpr seconds claim_lifetime{3600};
constexpr seconds clock_skew{10};  // the claim is valid from a moment ago
constexpr seconds lifetime_unknown{300};
constexpr std::size_t message_bytes_max = 512;
constexpr std::string_view google_scope = "https://www.googleapis.com/auth/cloud-platform";
constexpr std::string_view azure_scope = "https://cognitiveservices.azure.com/.default";

template <auto function>
struct Free {
  template <class T>
  void operator()(T* pointer) const noexcept {
    function(pointer);
  }
};
using KeyPointer = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using BioPointer = std::unique_ptr<BIO, Free<BIO_free>>;
using DigestPointer = std::unique_ptr<EVP_MD_CTX, Free<EVP_MD_CTX_free>>;

// RFC 4648, 5, without padding.
std::string base64url(std::string_view bytes) {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : bytes) {
    bits = bits << 8U | static_cast<unsigned char>(c);
    for (count += 8; count >= 6; count -= 6) out += letters[bits >> (count - 6) & 63U];
  }
  if (count > 0) out += letters[bits << (6 - count) & 63U];
  return out;
}

Error unusable(std::string_view what) {
  return {ErrorCode::invalid_config, "the private key of the service account " + std::string(what)};
}

Result<std::string> signed_by(const std::string& pem, std::string_view text) {
  const BioPointer file(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const auto no_passphrase = [](char*, int, int, void*) { return 0; };
  const KeyPointer key(file ? PEM_read_bio_PrivateKey(file.get(), nullptr, no_passphrase, nullptr) : nullptr);
  tls_error_text();  // which is of no use, and would be found by the next who asks
  if (!key) return unusable("is not in PEM form");
  if (EVP_PKEY_base_id(key.get()) != EVP_PKEY_RSA) return unusable("is not an RSA key");
  const DigestPointer context(EVP_MD_CTX_new());
  std::size_t size = 0;
  const auto* const bytes = reinterpret_cast<const unsigned char*>(text.data());
  if (!context || EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, bytes, text.size()) != 1)
    return unusable("cannot sign");
  std::string out(size, '\0');
  if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size, bytes, text.size()) != 1)
    return unusable("cannot sign");
  out.resize(size);
  return out;
}

std::string address(const Url& url) {
  const bool usual = url.port == (url.tls ? 443 : 80);
  return (url.tls ? "https://" : "http://") + url.host + (usual ? "" : ":" + std::to_string(url.port)) + url.path;
}

using Form = std::initializer_list<std::pair<std::string_view, std::string_view>>;

TokenRequest form_request(const Url& url, Form form) {
  TokenRequest out;
  out.url = url;
  out.fields.emplace_back("Content-Type", "application/x-www-form-urlencoded");
  out.fields.emplace_back("Accept", "application/json");
  for (const auto& [name, value] : form)
    out.body.append(out.body.empty() ? "" : "&").append(name).append("=").append(percent_encoded(value));
  return out;
}

struct Asker {
  system_clock::time_point now;

  Result<TokenRequest> operator()(const ServiceAccount& account) const {
    const auto claim = signed_claim(account, now);
    if (!claim) return claim.error();
    return form_request(account.token_uri,
                        {{"grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"}, {"assertion", *claim}});
  }
  Result<TokenRequest> operator()(const GoogleUser& user) const {
    return form_request(user.token_uri, {{"grant_type", "refresh_token"},
                                         {"client_id", user.client_id},
                                         {"client_secret", user.client_secret.reveal()},
                                         {"refresh_token", user.refresh_token.reveal()}});
  }
  Result<TokenRequest> operator()(const EntraApplication& application) const {
    return form_request(application.token_uri, {{"grant_type", "client_credentials"},
                                                {"client_id", application.client_id},
                                                {"client_secret", application.client_secret.reveal()},
                                                {"scope", azure_scope}});
  }
  Result<TokenRequest> operator()(const FoundToken& /*token*/) const {
    return Error{ErrorCode::invalid_config, "a token is not asked for another"};
  }
};

}  // namespace

Result<std::string> signed_claim(const ServiceAccount& account, system_clock::time_point now) {
  const auto time = std::chrono::floor<seconds>(now).time_since_epoch() - clock_skew;
  std::string header = R"({"alg":"RS256","typ":"JWT")";
  if (!account.key_id.empty()) append_json_string(header += R"(,"kid":)", account.key_id);
  header += '}';
  std::string claims = R"({"iss":)";
  append_json_string(claims, account.email);
  append_json_string(claims += R"(,"scope":)", google_scope);
  append_json_string(claims += R"(,"aud":)", address(account.token_uri));
  claims.append(R"(,"iat":)").append(std::to_string(time.count()));
  claims.append(R"(,"exp":)").append(std::to_string((time + claim_lifetime).count())).append("}");
  std::string out = base64url(header) + "." + base64url(claims);
  const auto signature = signed_by(account.private_key.reveal(), out);
  if (!signature) return signature.error();
  return out.append(".").append(base64url(*signature));
}

Result<TokenRequest> token_request(const Identity& identity, system_clock::time_point now) {
  return std::visit(Asker{now}, identity);
}

TokenRequest metadata_request() {
  TokenRequest out;
  out.method = "GET";
  out.url.host = "metadata.google.internal";
  out.url.path = "/computeMetadata/v1/instance/service-accounts/default/token";
  out.fields.emplace_back("Metadata-Flavor", "Google");
  return out;
}

Result<AccessToken> read_token(int status, std::string_view body) {
  std::string padded(body);
  padded.append(body_padding, '\0');
  JsonReader in(std::string_view(padded).substr(0, body.size()));
  AccessToken out;
  out.lifetime = lifetime_unknown;
  std::string error;
  std::string why;
  each_member(in, [&](const JsonString& name) {
    JsonString text;
    std::string_view number;
    if (in.kind() == JsonReader::Kind::string)
      in.string(text);
    else if (in.kind() == JsonReader::Kind::number && in.number(number))
      text.raw = number;
    else
      in.skip();
    if (name.is("access_token")) out.token = Secret(text.text());
    if (name.is("error")) error = text.text();
    if (name.is("error_description")) why = text.text();
    if (!name.is("expires_in")) return;
    std::int64_t count = 0;
    std::from_chars(text.raw.data(), text.raw.data() + text.raw.size(), count);
    if (count > 0) out.lifetime = seconds(count);
  });
  const auto visible = [](char c) { return c > ' ' && c < '\x7f'; };
  const std::string& token = out.token.reveal();
  if (status / 100 == 2 && !token.empty() && std::ranges::all_of(token, visible)) return out;
  std::string message = "the token server answered with status " + std::to_string(status);
  if (status / 100 == 2) message += " and no token";
  if (!error.empty()) message += ": " + valid_utf8(error.substr(0, message_bytes_max));
  if (!why.empty()) message += ": " + valid_utf8(why.substr(0, message_bytes_max));
  return Error{ErrorCode::upstream_error, std::move(message)};
}

}  // namespace triage::credentials
