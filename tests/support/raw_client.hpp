#pragma once
// A plain TCP client for tests: blocking, bounded in time, no HTTP library in between.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <string_view>

namespace triage::test {

class RawClient {
 public:
  explicit RawClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  ~RawClient() { close(); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  [[nodiscard]] bool connected() const { return connected_; }
  [[nodiscard]] int descriptor() const { return socket_; }

  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  /// What arrives within `patience`, at most one read; "" at the end or when nothing came (`ended()` tells which).
  std::string receive(std::chrono::milliseconds patience = std::chrono::seconds(5)) {
    pollfd waiting{socket_, POLLIN, 0};
    if (::poll(&waiting, 1, static_cast<int>(patience.count())) <= 0) return "";
    char bytes[65536];
    const auto got = ::recv(socket_, bytes, sizeof bytes, 0);
    if (got > 0) return {bytes, static_cast<std::size_t>(got)};
    ended_ = true;
    return "";
  }

  /// Reads until `wanted` has appeared, the end, or `patience` without a byte.
  std::string receive_until(std::string_view wanted, std::chrono::milliseconds patience = std::chrono::seconds(5)) {
    while (received_.find(wanted) == std::string::npos) {
      const std::string more = receive(patience);
      if (more.empty()) break;
      received_ += more;
    }
    const auto found = received_.find(wanted);
    const std::string out = received_.substr(0, found == std::string::npos ? found : found + wanted.size());
    received_.erase(0, out.size());
    return out;
  }

  /// Reads to the end of the connection, or `patience` without a byte.
  std::string receive_all(std::chrono::milliseconds patience = std::chrono::seconds(5)) {
    for (std::string more = receive(patience); !more.empty(); more = receive(patience)) received_ += more;
    std::string out;
    std::swap(out, received_);
    return out;
  }

  [[nodiscard]] bool ended() const { return ended_; }

  void close() {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
  }

 private:
  int socket_;
  bool connected_ = false;
  bool ended_ = false;
  std::string received_;
};

}  // namespace triage::test
