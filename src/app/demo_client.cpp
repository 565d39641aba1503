#include "app/demo_client.hpp"

#include "base/ascii.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <istream>
#include <iterator>

namespace triage {
namespace {

constexpr std::chrono::seconds patience{10};

}  // namespace

std::string demo_post(const Address& gateway, std::string_view path, std::string_view body) {
  boost::asio::ip::tcp::iostream stream;
  stream.expires_after(patience);
  stream.connect(gateway.host, std::to_string(gateway.port));
  stream << "POST " << path << " HTTP/1.1\r\nhost: " << gateway.host << "\r\ncontent-type: application/json\r\n"
         << "connection: close\r\ncontent-length: " << body.size() << "\r\n\r\n"
         << body << std::flush;
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::string demo_field(const std::string& answer, const std::string& name) {
  const std::string head = to_lower(std::string_view(answer).substr(0, answer.find("\r\n\r\n")));
  const std::size_t at = head.find("\r\n" + name + ": ");
  if (at == std::string::npos) return "-";
  const std::size_t begin = at + name.size() + 4;
  return answer.substr(begin, answer.find("\r\n", begin) - begin);
}

}  // namespace triage
