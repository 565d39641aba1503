#include "support/test_authority.hpp"

#include <arpa/inet.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace triage::test {
namespace {

template <class T>
T* demanded(T* pointer, const char* what) {
  if (!pointer) throw std::runtime_error(std::string("OpenSSL: ") + what);
  return pointer;
}

void add_extension(X509* cert, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, cert, nullptr, nullptr, 0);
  X509_EXTENSION* extension = demanded(X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()), "extension");
  X509_add_ext(cert, extension, -1);
  X509_EXTENSION_free(extension);
}

X509* fresh_certificate(EVP_PKEY* key, const std::string& common_name, long valid_s) {
  X509* cert = demanded(X509_new(), "certificate");
  unsigned char serial[8];
  RAND_bytes(serial, sizeof serial);
  serial[0] &= 0x7f;
  BIGNUM* number = BN_bin2bn(serial, sizeof serial, nullptr);
  BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert));
  BN_free(number);
  X509_set_version(cert, X509_VERSION_3);
  X509_gmtime_adj(X509_getm_notBefore(cert), -7200);
  X509_gmtime_adj(X509_getm_notAfter(cert), valid_s);
  X509_set_pubkey(cert, key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1, 0);
  return cert;
}

template <class Write>
std::string pem(Write write) {
  BIO* memory = demanded(BIO_new(BIO_s_mem()), "memory");
  write(memory);
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(memory, &bytes);
  std::string text(bytes, static_cast<std::size_t>(size));
  BIO_free(memory);
  return text;
}

std::string pem_of(X509* cert) {
  return pem([cert](BIO* out) { PEM_write_bio_X509(out, cert); });
}

std::string subject_alternatives(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) {
    unsigned char address[16];
    const bool literal =
        inet_pton(AF_INET, name.c_str(), address) == 1 || inet_pton(AF_INET6, name.c_str(), address) == 1;
    if (!list.empty()) list += ',';
    list += (literal ? "IP:" : "DNS:") + name;
  }
  return list;
}

}  // namespace

void TestAuthority::Free::operator()(X509* cert) const noexcept {
  X509_free(cert);
}

void TestAuthority::Free::operator()(EVP_PKEY* key) const noexcept {
  EVP_PKEY_free(key);
}

TestAuthority::TestAuthority() {
  key_.reset(demanded(EVP_EC_gen("P-256"), "key"));
  unsigned char mark[4];  // a name of its own: two authorities in one test must not be taken for each other
  RAND_bytes(mark, sizeof mark);
  std::string name = "triage test authority";
  for (const unsigned char byte : mark) name += ' ' + std::to_string(byte);
  cert_.reset(fresh_certificate(key_.get(), name, 86'400));
  X509_set_issuer_name(cert_.get(), X509_get_subject_name(cert_.get()));
  add_extension(cert_.get(), cert_.get(), NID_basic_constraints, "critical,CA:TRUE");
  add_extension(cert_.get(), cert_.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
  X509_sign(cert_.get(), key_.get(), EVP_sha256());
  pem_ = pem_of(cert_.get());

  const char* folder = std::getenv("TMPDIR");
  file_ = std::string(folder ? folder : "/tmp") + "/triage-test-ca-XXXXXX";
  const int handle = mkstemp(file_.data());
  if (handle < 0) throw std::runtime_error("no temporary file for the test authority");
  ::close(handle);
  std::ofstream(file_) << pem_;
}

TestAuthority::~TestAuthority() {
  ::unlink(file_.c_str());
}

PemPair TestAuthority::issue(const std::vector<std::string>& names, long valid_s) const {
  return issue_as(names.front(), names, valid_s);
}

PemPair TestAuthority::issue_common_name(const std::string& name) const {
  return issue_as(name, {}, 3600);
}

PemPair TestAuthority::issue_as(const std::string& common_name, const std::vector<std::string>& names,
                                long valid_s) const {
  const std::unique_ptr<EVP_PKEY, Free> key(demanded(EVP_EC_gen("P-256"), "key"));
  const std::unique_ptr<X509, Free> cert(fresh_certificate(key.get(), common_name, valid_s));
  X509_set_issuer_name(cert.get(), X509_get_subject_name(cert_.get()));
  if (!names.empty()) add_extension(cert.get(), cert_.get(), NID_subject_alt_name, subject_alternatives(names));
  add_extension(cert.get(), cert_.get(), NID_ext_key_usage, "serverAuth");
  X509_sign(cert.get(), key_.get(), EVP_sha256());
  PemPair pair;
  pair.cert = pem_of(cert.get()) + pem_;
  pair.key = pem([&](BIO* out) { PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr); });
  return pair;
}

}  // namespace triage::test
