#include "base/tls_files.hpp"

#include "support/test_authority.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace triage {
namespace {

class TlsFiles : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(folder_);
    pair_ = authority_.issue({"localhost"});
    spec_.cert = file("cert.pem", pair_.cert);
    spec_.key = file("key.pem", pair_.key);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string file(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name) << text;
    return (folder_ / name).string();
  }
  // KEY: MESSAGE without the folder's name; "" if the pair can be served.
  std::string fault() {
    std::optional<TlsFault> found;
    context_ = tls_server_context(spec_, found);
    EXPECT_EQ(context_ == nullptr, found.has_value());
    if (!found) return "";
    std::string message = found->message;
    for (std::size_t at; (at = message.find(folder_.string())) != std::string::npos;)
      message.erase(at, folder_.string().size() + 1);
    return found->key + ": " + message;
  }

  const std::filesystem::path folder_ =
      std::filesystem::path(testing::TempDir()) / ("tls_files" + std::to_string(::getpid()));
  test::TestAuthority authority_;
  test::PemPair pair_;
  TlsSpec spec_;
  TlsContextPointer context_;
};

TEST_F(TlsFiles, APairThatBelongsTogether) {
  EXPECT_EQ(fault(), "");
  EXPECT_EQ(weak_suite(*context_), "");
  EXPECT_FALSE(expired(*context_));
}

TEST_F(TlsFiles, AnotherCertificatesKey) {
  spec_.key = file("other.pem", authority_.issue({"localhost"}).key);
  EXPECT_EQ(fault(), "key: key 'other.pem' does not belong to certificate 'cert.pem'");
}

TEST_F(TlsFiles, AKeyOfAnotherKind) {
  const std::string command = "openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out " +
                              (folder_ / "rsa.pem").string() + " 2>/dev/null";
  if (std::system(command.c_str()) != 0) GTEST_SKIP() << "no openssl command";
  spec_.key = (folder_ / "rsa.pem").string();
  EXPECT_EQ(fault(), "key: key 'rsa.pem' does not belong to certificate 'cert.pem'");
}

TEST_F(TlsFiles, AnEncryptedKeyAsksNobody) {
  const std::string command = "openssl pkey -aes128 -passout pass:secret -in " + spec_.key + " -out " +
                              (folder_ / "locked.pem").string() + " 2>/dev/null";
  if (std::system(command.c_str()) != 0) GTEST_SKIP() << "no openssl command";
  spec_.key = (folder_ / "locked.pem").string();
  EXPECT_EQ(fault(),
            "key: cannot use private key 'locked.pem': it is encrypted, and nobody is there to type the passphrase");
}

TEST_F(TlsFiles, PemThatHoldsNothing) {
  spec_.cert = file("empty.pem", "-----BEGIN CERTIFICATE-----\nbm90aGluZw==\n-----END CERTIFICATE-----\n");
  EXPECT_TRUE(fault().starts_with("cert: cannot use certificate chain 'empty.pem': ")) << fault();
  EXPECT_NE(untrustworthy(spec_.cert), "");
  EXPECT_EQ(untrustworthy(authority_.certificate_file()), "");
}

TEST_F(TlsFiles, OnlyWhatTheCertificateSaysExpires) {
  const auto old = authority_.issue({"localhost"}, -60);
  spec_.cert = file("old.pem", old.cert);
  spec_.key = file("old.key", old.key);
  EXPECT_EQ(fault(), "");
  EXPECT_TRUE(expired(*context_));
}

TEST_F(TlsFiles, SuitesThatOpenSslDoesNotKnowAndThoseThatAreWeak) {
  spec_.ciphers = "nonsense";
  EXPECT_EQ(fault(), "ciphers: 'nonsense' names no suite of TLS 1.2 that OpenSSL knows");
  spec_.ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256:AES128-GCM-SHA256";
  EXPECT_EQ(fault(), "");
  EXPECT_EQ(weak_suite(*context_), "AES128-GCM-SHA256") << "no forward secrecy";
  spec_.ciphers = "ECDHE-RSA-AES128-SHA256";
  EXPECT_EQ(fault(), "");
  EXPECT_EQ(weak_suite(*context_), "ECDHE-RSA-AES128-SHA256") << "CBC";
}

}  // namespace
}  // namespace triage
