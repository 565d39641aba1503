// triage health: GET /health/ready of a gateway's admin address, for health checks of containers that have no curl.
#include "app/arguments.hpp"
#include "app/commands.hpp"
#include "config/values.hpp"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <memory>
#include <stdexcept>

namespace triage {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds patience{3};  // for all of it, but for looking up a name
constexpr std::size_t longest_answer = 256 * 1024;

struct Socket {
  explicit Socket(int number) : descriptor(number) {}
  ~Socket() { ::close(descriptor); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  int descriptor;
};

struct Addresses {
  explicit Addresses(const Address& of) {
    addrinfo wanted{};
    wanted.ai_socktype = SOCK_STREAM;
    const int failed = ::getaddrinfo(of.host.c_str(), std::to_string(of.port).c_str(), &wanted, &first);
    if (failed != 0) throw std::runtime_error(of.host + ": " + ::gai_strerror(failed));
  }
  ~Addresses() { ::freeaddrinfo(first); }
  Addresses(const Addresses&) = delete;
  Addresses& operator=(const Addresses&) = delete;
  addrinfo* first = nullptr;
};

// False: the time is over.
bool wait_for(int descriptor, short events, Clock::time_point until) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
    pollfd one{descriptor, events, 0};
    const int ready = ::poll(&one, 1, static_cast<int>(std::max<long>(left, 0)));
    if (ready >= 0 || errno != EINTR) return ready > 0;
  }
}

// 0, or why there is no connection, as errno.
int connect_failure(int descriptor, const addrinfo& to, Clock::time_point until) {
  if (::connect(descriptor, to.ai_addr, to.ai_addrlen) == 0) return 0;
  if (errno != EINPROGRESS) return errno;
  if (!wait_for(descriptor, POLLOUT, until)) return ETIMEDOUT;
  int failure = 0;
  socklen_t size = sizeof failure;
  ::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &failure, &size);
  return failure;
}

std::unique_ptr<Socket> connected(const Address& address, Clock::time_point until) {
  const Addresses found(address);
  int failure = 0;
  for (const addrinfo* at = found.first; at != nullptr; at = at->ai_next) {
    const int descriptor = ::socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    failure = descriptor < 0 ? errno : 0;
    if (descriptor < 0) continue;
    auto socket = std::make_unique<Socket>(descriptor);
    failure = connect_failure(descriptor, *at, until);
    if (failure == 0) return socket;
  }
  throw std::runtime_error(format_address(address) + ": " + std::strerror(failure));
}

// The whole answer, head and body.
std::string answer_to(const std::string& request, const Address& address) {
  const Clock::time_point until = Clock::now() + patience;
  const auto socket = connected(address, until);
  if (::send(socket->descriptor, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size()))
    throw std::runtime_error(format_address(address) + ": could not send");
  std::string answer;
  char piece[4096];
  while (answer.size() < longest_answer) {
    if (!wait_for(socket->descriptor, POLLIN, until))
      throw std::runtime_error(format_address(address) + ": no answer within " + std::to_string(patience.count()) +
                               " s");
    const ssize_t count = ::recv(socket->descriptor, piece, sizeof piece, 0);
    if (count < 0) throw std::runtime_error(format_address(address) + ": " + std::strerror(errno));
    if (count == 0) break;
    answer.append(piece, static_cast<std::size_t>(count));
  }
  return answer;
}

}  // namespace

const char* const health_help =
    "Usage: triage health [--admin HOST:PORT]\n\n"
    "Asks a running gateway's /health/ready and prints the answer; for health checks of containers.\n\n"
    "  --admin HOST:PORT   the gateway's admin.address; default 127.0.0.1:9090\n\n"
    "Exit: 0 it takes requests, 1 it does not, 3 no answer.\n";

int health_command(const Words& words) {
  const Arguments arguments(words, {"admin"}, {});
  if (!arguments.words().empty()) throw UsageError("unexpected '" + arguments.words()[0] + "'");
  const auto address = parse_address(arguments.has("admin") ? arguments.value("admin") : "127.0.0.1:9090");
  if (!address) throw UsageError("--admin: " + address.error().message);

  const std::string request =
      "GET /health/ready HTTP/1.1\r\nhost: " + format_address(*address) + "\r\nconnection: close\r\n\r\n";
  const std::string answer = answer_to(request, *address);
  const std::size_t body = answer.find("\r\n\r\n");
  if (!answer.starts_with("HTTP/1.1 ") || body == std::string::npos)
    throw std::runtime_error(format_address(*address) + " does not answer as a gateway does");
  std::fputs(answer.c_str() + body + 4, stdout);
  const std::string status = answer.substr(9, 3);
  if (status == "200") return exit_done;
  if (status == "503") return exit_no;
  throw std::runtime_error(format_address(*address) + " is no admin address: it answered " + status);
}

}  // namespace triage
