// triage health: GET /health/ready of a gateway's admin address, for health checks of containers that have no curl.
#include "app/arguments.hpp"
#include "app/commands.hpp"
#include "options/values.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstdio>
#include <istream>
#include <stdexcept>

namespace triage {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::seconds patience{3};
constexpr std::size_t longest_answer = 256 * 1024;

// The whole answer, head and body.
std::string answer_to(const std::string& request, const Address& address) {
  asio::ip::tcp::iostream stream;
  stream.expires_after(patience);
  stream.connect(address.host, std::to_string(address.port));
  if (stream) stream << request << std::flush;
  std::string answer(longest_answer, '\0');
  if (stream) stream.read(answer.data(), static_cast<std::streamsize>(answer.size()));
  answer.resize(static_cast<std::size_t>(stream.gcount()));
  if (stream.error() == asio::error::timed_out)
    throw std::runtime_error(format_address(address) + ": no answer within " + std::to_string(patience.count()) + " s");
  if (stream.error() && stream.error() != asio::error::eof)
    throw std::runtime_error(format_address(address) + ": " + stream.error().message());
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
