#include "support/fake_upstream.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <stdexcept>

namespace triage::test {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

std::string lowered(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), lower);
  return out;
}

sockaddr_storage address_of(const std::string& host, std::uint16_t port, socklen_t& size) {
  sockaddr_storage storage{};
  auto& v4 = reinterpret_cast<sockaddr_in&>(storage);
  auto& v6 = reinterpret_cast<sockaddr_in6&>(storage);
  if (inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    size = sizeof v4;
  } else if (inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    size = sizeof v6;
  } else {
    throw std::runtime_error("not an address: " + host);
  }
  return storage;
}

}  // namespace

std::string SeenRequest::field(std::string_view name) const {
  const std::string head = "\r\n" + lowered(raw.substr(0, raw.find("\r\n\r\n") + 2));
  const std::size_t at = head.find("\r\n" + lowered(name) + ":");
  if (at == std::string::npos) return "";
  const std::size_t begin = at + 2 + name.size() + 1;
  std::string value = raw.substr(begin - 2, head.find("\r\n", begin) - begin);
  value.erase(0, value.find_first_not_of(' '));
  return value;
}

std::string reply(std::string_view body, std::string_view fields, std::string_view status) {
  return "HTTP/1.1 " + std::string(status) + "\r\n" + std::string(fields) +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

std::string chunk(std::string_view payload) {
  char size[20];
  std::snprintf(size, sizeof size, "%zx\r\n", payload.size());
  return size + std::string(payload) + "\r\n";
}

std::string chunked_reply(const std::vector<std::string>& pieces, std::string_view fields) {
  std::string out = "HTTP/1.1 200 OK\r\n" + std::string(fields) + "Transfer-Encoding: chunked\r\n\r\n";
  for (const std::string& piece : pieces) out += chunk(piece);
  return out + "0\r\n\r\n";
}

FakeUpstream::FakeUpstream(Script script) : FakeUpstream(std::move(script), Options()) {}

FakeUpstream::FakeUpstream(Script script, Options options) : script_(std::move(script)) {
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
  listen_on(options);
  if (options.tls) make_tls(options);
  if (options.accepting) acceptor_ = std::thread([this] { accept_loop(); });
}

FakeUpstream::~FakeUpstream() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (const int handle : handles_) ::shutdown(handle, SHUT_RDWR);
  }
  changed_.notify_all();
  ::shutdown(listener_, SHUT_RDWR);
  if (acceptor_.joinable()) acceptor_.join();
  for (std::thread& thread : threads_) thread.join();
  ::close(listener_);
  SSL_CTX_free(tls_);
}

void FakeUpstream::listen_on(const Options& options) {
  socklen_t size = 0;
  sockaddr_storage address = address_of(options.address, options.port, size);
  listener_ = ::socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::listen(listener_, options.backlog) != 0) {
    ::close(listener_);
    throw std::runtime_error("cannot listen on " + options.address + ": " + std::strerror(errno));
  }
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.ss_family == AF_INET ? reinterpret_cast<sockaddr_in&>(address).sin_port
                                             : reinterpret_cast<sockaddr_in6&>(address).sin6_port);
}

void FakeUpstream::make_tls(const Options& options) {
  tls_ = SSL_CTX_new(TLS_server_method());
  BIO* cert_bio = BIO_new_mem_buf(options.tls->cert.data(), static_cast<int>(options.tls->cert.size()));
  X509* cert = PEM_read_bio_X509(cert_bio, nullptr, nullptr, nullptr);
  BIO* key_bio = BIO_new_mem_buf(options.tls->key.data(), static_cast<int>(options.tls->key.size()));
  EVP_PKEY* key = PEM_read_bio_PrivateKey(key_bio, nullptr, nullptr, nullptr);
  const bool good = SSL_CTX_use_certificate(tls_, cert) == 1 && SSL_CTX_use_PrivateKey(tls_, key) == 1;
  X509_free(cert);
  EVP_PKEY_free(key);
  BIO_free(cert_bio);
  BIO_free(key_bio);
  if (!good) throw std::runtime_error("the fake upstream's certificate cannot be used");
  if (options.tls12_only) SSL_CTX_set_max_proto_version(tls_, TLS1_2_VERSION);
  if (options.demands_certificate) SSL_CTX_set_verify(tls_, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  SSL_CTX_set_session_id_context(tls_, reinterpret_cast<const unsigned char*>("fake"), 4);
}

void FakeUpstream::accept_loop() {
  for (;;) {
    const int handle = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    const std::lock_guard lock(mutex_);
    if (stopping_ || handle < 0) {
      if (handle >= 0) ::close(handle);
      if (stopping_) return;
      continue;
    }
    const int yes = 1;
    ::setsockopt(handle, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    const std::size_t index = accepted_++;
    handles_.push_back(handle);
    threads_.emplace_back([this, handle, index] { serve(handle, index); });
    changed_.notify_all();
  }
}

void FakeUpstream::serve(int handle, std::size_t index) {
  FakeConnection connection(*this, handle, index);
  if (!tls_ || connection.accept_tls()) script_(connection);
  connection.close();
}

std::size_t FakeUpstream::connections() const {
  const std::lock_guard lock(mutex_);
  return accepted_;
}

std::size_t FakeUpstream::open_connections() const {
  const std::lock_guard lock(mutex_);
  return handles_.size();
}

std::vector<SeenRequest> FakeUpstream::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

bool FakeUpstream::wait_for_requests(std::size_t count, std::chrono::milliseconds patience) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, patience, [&] { return requests_.size() >= count; });
}

bool FakeUpstream::wait_for_no_connection(std::chrono::milliseconds patience) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, patience, [&] { return handles_.empty(); });
}

FakeConnection::FakeConnection(FakeUpstream& upstream, int handle, std::size_t index)
    : upstream_(upstream), handle_(handle), index_(index) {}

FakeConnection::~FakeConnection() {
  close();
}

bool FakeConnection::accept_tls() {
  ssl_ = SSL_new(upstream_.tls_);
  SSL_set_fd(ssl_, handle_);
  ERR_clear_error();
  return SSL_accept(ssl_) == 1;
}

bool FakeConnection::fill() {
  const std::string more = read_some(65'536);
  unread_ += more;
  return !more.empty();
}

std::string FakeConnection::receive(std::size_t most) {
  if (unread_.empty()) return read_some(most);
  std::string bytes = unread_.substr(0, most);
  unread_.erase(0, bytes.size());
  return bytes;
}

std::string FakeConnection::read_some(std::size_t most) {
  if (handle_ < 0) return "";
  std::string bytes(most, '\0');
  ERR_clear_error();
  const auto count =
      ssl_ ? SSL_read(ssl_, bytes.data(), static_cast<int>(most)) : ::recv(handle_, bytes.data(), most, 0);
  bytes.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  return bytes;
}

std::optional<SeenRequest> FakeConnection::expect_request(bool head_only) {
  std::size_t end;
  while ((end = unread_.find("\r\n\r\n")) == std::string::npos)
    if (!fill()) return std::nullopt;
  SeenRequest request;
  request.connection = index_;
  request.raw = unread_.substr(0, end + 4);
  unread_.erase(0, end + 4);
  request.method = request.raw.substr(0, request.raw.find(' '));
  const std::size_t target = request.method.size() + 1;
  request.target = request.raw.substr(target, request.raw.find(' ', target) - target);
  if (!head_only && !read_body(request, end + 4)) return std::nullopt;
  const std::lock_guard lock(upstream_.mutex_);
  upstream_.requests_.push_back(request);
  upstream_.changed_.notify_all();
  return request;
}

bool FakeConnection::read_body(SeenRequest& request, std::size_t head_size) {
  const auto take = [&](std::size_t size) {
    while (unread_.size() < size)
      if (!fill()) return false;
    request.raw += unread_.substr(0, size);
    unread_.erase(0, size);
    return true;
  };
  if (lowered(request.field("transfer-encoding")) != "chunked") {
    const std::string length = request.field("content-length");
    if (!take(length.empty() ? 0 : std::stoul(length))) return false;
    request.body = request.raw.substr(head_size);
    return true;
  }
  for (;;) {
    std::size_t line;
    while ((line = unread_.find("\r\n")) == std::string::npos)
      if (!fill()) return false;
    const std::size_t size = std::stoul(unread_.substr(0, line), nullptr, 16);
    const std::size_t payload = request.raw.size() + line + 2;
    if (!take(line + 2 + size + 2)) return false;
    request.body += request.raw.substr(payload, size);
    if (size == 0) return true;
  }
}

bool FakeConnection::send(std::string_view bytes) {
  while (!bytes.empty()) {
    if (handle_ < 0) return false;
    ERR_clear_error();
    const auto count = ssl_ ? SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()))
                            : ::send(handle_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

bool FakeConnection::send_slowly(std::string_view bytes, std::size_t piece, std::chrono::milliseconds time) {
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size())))
    if (!send(bytes.substr(0, piece)) || !pause(time)) return false;
  return true;
}

bool FakeConnection::wait_for_close(std::chrono::milliseconds patience) {
  if (handle_ < 0) return true;
  const auto until = std::chrono::steady_clock::now() + patience;
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    pollfd ready{handle_, POLLIN, 0};
    if (left.count() <= 0 || ::poll(&ready, 1, static_cast<int>(left.count())) <= 0) return false;
    if (read_some(65'536).empty()) return true;
  }
}

bool FakeConnection::pause(std::chrono::milliseconds time) {
  std::unique_lock lock(upstream_.mutex_);
  return !upstream_.changed_.wait_for(lock, time, [this] { return upstream_.stopping_; });
}

void FakeConnection::close() {
  if (ssl_ && handle_ >= 0) {
    ERR_clear_error();
    SSL_shutdown(ssl_);
  }
  cut();
}

void FakeConnection::close_sending() {
  if (handle_ >= 0) ::shutdown(handle_, SHUT_WR);
}

void FakeConnection::cut() {
  SSL_free(ssl_);
  ssl_ = nullptr;
  if (handle_ < 0) return;
  const std::lock_guard lock(upstream_.mutex_);
  std::erase(upstream_.handles_, handle_);
  ::close(handle_);
  handle_ = -1;
  upstream_.changed_.notify_all();
}

void FakeConnection::reset() {
  const linger hard{1, 0};
  if (handle_ >= 0) ::setsockopt(handle_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  cut();
}

bool FakeConnection::tls_resumed() const {
  return ssl_ && SSL_session_reused(ssl_) == 1;
}

std::string FakeConnection::tls_server_name() const {
  const char* name = ssl_ ? SSL_get_servername(ssl_, TLSEXT_NAMETYPE_host_name) : nullptr;
  return name ? name : "";
}

}  // namespace triage::test
