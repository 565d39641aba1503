#include "app/ask_admin.hpp"

#include "options/values.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <charconv>
#include <chrono>
#include <istream>

namespace triage {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::seconds patience{5};
constexpr std::size_t longest_answer = 4 * 1024 * 1024;

// The whole answer, head and body.
std::string answer_to(const std::string& request, const Address& address) {
  asio::ip::tcp::iostream stream;
  stream.expires_after(patience);
  // Where a gateway listens on all addresses, it is here too.
  const std::string host = address.host == "0.0.0.0" ? "127.0.0.1" : address.host == "::" ? "::1" : address.host;
  stream.connect(host, std::to_string(address.port));
  if (!stream && stream.error() != asio::error::timed_out)
    throw NoGateway(format_address(address) + ": " + stream.error().message());
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

AdminAnswer ask_admin(const Address& address, const std::string& method, const std::string& path,
                      const std::string& body, const std::string& key) {
  std::string request =
      method + " " + path + " HTTP/1.1\r\nhost: " + format_address(address) + "\r\nconnection: close\r\n";
  if (!key.empty()) request += "authorization: Bearer " + key + "\r\n";
  if (method == "POST") request += "content-length: " + std::to_string(body.size()) + "\r\n";
  const std::string answer = answer_to(request + "\r\n" + body, address);
  const std::size_t end = answer.find("\r\n\r\n");
  AdminAnswer out;
  if (answer.starts_with("HTTP/1.1 ") && end != std::string::npos)
    std::from_chars(answer.data() + 9, answer.data() + 12, out.status);
  if (out.status == 0) throw std::runtime_error(format_address(address) + " does not answer as a gateway does");
  out.body = answer.substr(end + 4);
  return out;
}

}  // namespace triage
