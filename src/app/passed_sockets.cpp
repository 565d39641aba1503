#include "app/passed_sockets.hpp"

#include "app/demo.hpp"
#include "options/values.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <optional>
#include <stdexcept>

namespace triage {
namespace {

constexpr int first_socket = 3;
constexpr int sockets_most = 1024;

long number_in(const char* variable) {
  const char* const text = std::getenv(variable);
  long number = 0;
  if (text == nullptr) return 0;
  const std::string_view digits = text;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return error == std::errc() && end == digits.data() + digits.size() ? number : 0;
}

int option_of(int socket, int name) {
  int value = 0;
  socklen_t size = sizeof value;
  return getsockopt(socket, SOL_SOCKET, name, &value, &size) == 0 ? value : -1;
}

void check(int socket) {
  const auto refuse = [&](const char* why) {
    throw std::runtime_error("descriptor " + std::to_string(socket) + " was passed in (LISTEN_FDS), but it is " + why);
  };
  const int family = option_of(socket, SO_DOMAIN);
  if (family < 0) refuse("no socket");
  if ((family != AF_INET && family != AF_INET6) || option_of(socket, SO_TYPE) != SOCK_STREAM) refuse("not for TCP");
  if (option_of(socket, SO_ACCEPTCONN) != 1) refuse("not listening");
}

Address address_of(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
  char host[INET6_ADDRSTRLEN] = {};
  if (address.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    inet_ntop(AF_INET6, &v6.sin6_addr, host, sizeof host);
    return {host, ntohs(v6.sin6_port)};
  }
  const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
  inet_ntop(AF_INET, &v4.sin_addr, host, sizeof host);
  return {host, ntohs(v4.sin_port)};
}

bool fits(const Address& socket, const Address& configured) {
  const std::string host = configured.host == "localhost" ? "127.0.0.1" : configured.host;
  return socket.host == host && (configured.port == 0 || socket.port == configured.port);
}

}  // namespace

PassedSockets take_passed_sockets() {
  const bool ours = number_in("LISTEN_PID") == getpid();
  const long count = ours ? number_in("LISTEN_FDS") : 0;
  const char* const given = std::getenv("LISTEN_FDNAMES");
  const std::string names = ours && given != nullptr ? given : "";
  for (const char* name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"}) unsetenv(name);
  if (count < 0 || count > sockets_most)
    throw std::runtime_error("LISTEN_FDS is " + std::to_string(count) + ": at most 1024 sockets can be passed in");
  std::vector<int> sockets;
  for (int i = 0; i < count; ++i) {
    const int socket = first_socket + i;
    check(socket);
    fcntl(socket, F_SETFD, FD_CLOEXEC);
    sockets.push_back(socket);
  }
  return told_apart(sockets, names);
}

PassedSockets told_apart(const std::vector<int>& sockets, std::string_view names) {
  PassedSockets out;
  std::size_t others = 0;
  for (const int socket : sockets) {
    const std::string_view name = names.substr(0, names.find(':'));
    names.remove_prefix(std::min(name.size() + 1, names.size()));
    const bool named = name == "api" || name == "admin";
    if (!named && ++others > 2)
      throw std::runtime_error(
          "more than two sockets were passed in without a name that tells what they are for: "
          "set FileDescriptorName= to api or admin");
    const bool second = !named && others == 2;
    (name == "admin" || second ? out.admin : out.api).push_back(socket);
  }
  return out;
}

Address prevailing_address(const std::vector<int>& sockets, const Address& configured) {
  std::optional<Address> reachable;
  std::optional<Address> other;
  for (const int socket : sockets) {
    const Address address = address_of(socket);
    if (!is_loopback(address.host) && !reachable) reachable = address;
    if (!fits(address, configured) && !other) other = address;
  }
  if (!other) return configured;
  return reachable ? *reachable : *other;
}

}  // namespace triage
