#include "credentials/identity.hpp"
#include "credentials/token.hpp"

#include "base/percent.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <nlohmann/json.hpp>

#include <memory>

namespace triage::credentials {
namespace {

using nlohmann::json;
using std::chrono::seconds;
using std::chrono::system_clock;
using testing::HasSubstr;
using testing::Not;

const system_clock::time_point noon{seconds(1796040000)};  // 2026-11-30T12:00:00Z

struct FreeKey {
  void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
};
using KeyPointer = std::unique_ptr<EVP_PKEY, FreeKey>;

const KeyPointer& key() {
  static const KeyPointer made(EVP_RSA_gen(2048));
  return made;
}

std::string pem() {
  BIO* const file = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(file, key().get(), nullptr, nullptr, 0, nullptr, nullptr);
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(file, &bytes);
  std::string out(bytes, static_cast<std::size_t>(size));
  BIO_free(file);
  return out;
}

std::string from_base64url(std::string_view text) {
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const std::size_t value = letters.find(c);
    EXPECT_NE(value, std::string_view::npos) << c;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    if ((count += 6) < 8) continue;
    count -= 8;
    out += static_cast<char>(bits >> count & 0xffU);
  }
  return out;
}

bool verifies(std::string_view text, const std::string& signature) {
  EVP_MD_CTX* const context = EVP_MD_CTX_new();
  const bool out = EVP_DigestVerifyInit(context, nullptr, EVP_sha256(), nullptr, key().get()) == 1 &&
                   EVP_DigestVerify(context, reinterpret_cast<const unsigned char*>(signature.data()), signature.size(),
                                    reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1;
  EVP_MD_CTX_free(context);
  return out;
}

json service_account() {
  return {{"type", "service_account"},
          {"client_email", "me@project.iam.gserviceaccount.com"},
          {"private_key", pem()},
          {"private_key_id", "k1"},
          {"token_uri", "https://oauth2.googleapis.com/token"}};
}

TEST(Credentials, OfAServiceAccountAreASignedClaim) {
  const auto identity = read_identity(service_account().dump());
  ASSERT_TRUE(identity) << identity.error().message;
  const auto request = token_request(*identity, noon);
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_EQ(request->url, (Url{true, "oauth2.googleapis.com", 443, "/token"}));
  const std::string prefix = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=";
  ASSERT_TRUE(request->body.starts_with(prefix)) << request->body;
  const std::string claim = request->body.substr(prefix.size());
  const std::size_t first = claim.find('.');
  const std::size_t last = claim.rfind('.');
  EXPECT_EQ(json::parse(from_base64url(claim.substr(0, first))),
            json::parse(R"({"alg":"RS256","typ":"JWT","kid":"k1"})"));
  EXPECT_EQ(json::parse(from_base64url(claim.substr(first + 1, last - first - 1))),
            json::parse(R"({"iss":"me@project.iam.gserviceaccount.com","iat":1796039990,"exp":1796043590,
                "scope":"https://www.googleapis.com/auth/cloud-platform","aud":"https://oauth2.googleapis.com/token"})"));
  EXPECT_TRUE(verifies(claim.substr(0, last), from_base64url(claim.substr(last + 1))));
}

TEST(Credentials, OfAGoogleUserAreARefreshToken) {
  const auto identity = read_identity(
      R"({"type":"authorized_user","client_id":"id","client_secret":"s&1","refresh_token":"1//r","account":""})");
  ASSERT_TRUE(identity) << identity.error().message;
  EXPECT_EQ(token_request(*identity, noon)->body,
            "grant_type=refresh_token&client_id=id&client_secret=s%261&refresh_token=1%2F%2Fr");
}

TEST(Credentials, OfAnEntraApplicationAreItsSecret) {
  for (
      const char* text :
      {R"({"clientId":"id","clientSecret":"s","tenantId":"t","activeDirectoryEndpointUrl":"https://login.example.com/"})",
       R"({"client_id":"id","client_secret":"s","tenant_id":"t","authority":"https://login.example.com"})",
       R"({"appId":"id","password":"s","tenant":"t","authority":"https://login.example.com"})"}) {
    const auto identity = read_identity(text);
    ASSERT_TRUE(identity) << identity.error().message;
    const auto request = token_request(*identity, noon);
    EXPECT_EQ(request->url, (Url{true, "login.example.com", 443, "/t/oauth2/v2.0/token"}));
    EXPECT_EQ(request->body,
              "grant_type=client_credentials&client_id=id&client_secret=s&"
              "scope=https%3A%2F%2Fcognitiveservices.azure.com%2F.default");
  }
}

TEST(Credentials, MayBeATokenItself) {
  const auto identity = read_identity("  eyJ0.eXA-i_.OiJK\n");
  ASSERT_TRUE(identity);
  EXPECT_EQ(std::get<FoundToken>(*identity).token.reveal(), "eyJ0.eXA-i_.OiJK");
}

TEST(Credentials, SayWhatIsMissingAndNotWhatIsThere) {
  const auto why = [](const std::string& text) {
    const auto identity = read_identity(text);
    return identity ? "" : identity.error().message;
  };
  EXPECT_EQ(why(" \n"), "it is empty");
  EXPECT_EQ(why("a secret token"), "it is neither JSON nor a token");
  EXPECT_EQ(why(R"({"type":"service_account","private_key":"secret"})"), "it has no 'client_email'");
  EXPECT_EQ(why(R"({"clientId":"id","clientSecret":"secret"})"), "it has no 'tenantId'");
  EXPECT_EQ(why(R"({"type":"external_account","secret":"secret"})").find("secret"), std::string::npos);
  EXPECT_EQ(why(R"({"clientId":"secret")"), "it is no valid JSON object");
  json account = service_account();
  account["private_key"] = "-----BEGIN PRIVATE KEY-----\nsecret\n-----END PRIVATE KEY-----\n";
  const auto identity = read_identity(account.dump());
  ASSERT_TRUE(identity);
  EXPECT_EQ(token_request(*identity, noon).error().message,
            "the private key of the service account is not in PEM form");
}

TEST(Credentials, ReadTheAnswer) {
  const auto token = read_token(200, R"({"access_token":"ya29.x","expires_in":3599,"token_type":"Bearer"})");
  ASSERT_TRUE(token);
  EXPECT_EQ(token->token.reveal(), "ya29.x");
  EXPECT_EQ(token->lifetime, seconds(3599));
  EXPECT_EQ(read_token(200, R"({"access_token":"x","expires_in":"60"})")->lifetime, seconds(60));
  EXPECT_EQ(
      read_token(400, R"({"error":"invalid_grant","error_description":"Invalid JWT Signature."})").error().message,
      "the token server answered with status 400: invalid_grant: Invalid JWT Signature.");
  EXPECT_EQ(read_token(200, "<html>").error().message, "the token server answered with status 200 and no token");
  EXPECT_EQ(read_token(200, R"({"access_token":"a\nb"})").error().message,
            "the token server answered with status 200 and no token");
  EXPECT_THAT(read_token(500, R"({"access_token":"secret"})").error().message, Not(HasSubstr("secret")));
}

}  // namespace
}  // namespace triage::credentials
