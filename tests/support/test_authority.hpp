#pragma once
// A certificate authority that lives as long as a test: nothing secret is ever committed. Throws when OpenSSL fails.

#include <openssl/types.h>

#include <memory>
#include <string>
#include <vector>

namespace triage::test {

struct PemPair {
  std::string cert;  ///< leaf first
  std::string key;
};

class TestAuthority {
 public:
  TestAuthority();
  ~TestAuthority();
  TestAuthority(const TestAuthority&) = delete;
  TestAuthority& operator=(const TestAuthority&) = delete;

  /// A certificate for these DNS names and IP addresses, valid from an hour ago until `valid_s` from now.
  [[nodiscard]] PemPair issue(const std::vector<std::string>& names, long valid_s = 3600) const;
  /// One that has its name as the common name only.
  [[nodiscard]] PemPair issue_common_name(const std::string& name) const;

  [[nodiscard]] const std::string& certificate_pem() const noexcept { return pem_; }
  /// The same as a file, removed with this object: what `ca_file` wants.
  [[nodiscard]] const std::string& certificate_file() const noexcept { return file_; }

 private:
  [[nodiscard]] PemPair issue_as(const std::string& common_name, const std::vector<std::string>& names,
                                 long valid_s) const;
  struct Free {
    void operator()(X509* cert) const noexcept;
    void operator()(EVP_PKEY* key) const noexcept;
  };
  std::unique_ptr<EVP_PKEY, Free> key_;
  std::unique_ptr<X509, Free> cert_;
  std::string pem_;
  std::string file_;
};

}  // namespace triage::test
