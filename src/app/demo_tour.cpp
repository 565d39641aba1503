#include "app/demo_tour.hpp"

#include "base/ascii.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <istream>
#include <string_view>
#include <system_error>

namespace triage {
namespace {

constexpr std::chrono::seconds patience{10};

struct DemoQuestion {
  const char* kind;
  const char* text;  // plain ASCII without quotes
};

// The first two go where the classifier sends them, the third where a rule does. The simulated small model refuses the
// last: which prompts it refuses depends on their text alone.
constexpr std::array<DemoQuestion, 4> questions{{
    {"easy", "A shop sells pencils at 12 cents each. How many cents do 7 pencils cost?"},
    {"hard",
     "Ann saves 15% of $2,400 a month for 8 months, pays 2/3 of it for a car, and shares half of the rest with her 3 "
     "sisters. What does each get?"},
    {"proof", "Prove that the square root of 2 is irrational."},
    {"refused", "Name the colours of the rainbow."},
}};

// The whole answer, head and body; empty: there was none.
std::string ask(const Address& endpoint, std::string_view question) {
  const std::string body =
      R"({"model":"auto","messages":[{"role":"user","content":")" + std::string(question) + "\"}]}";
  boost::asio::ip::tcp::iostream stream;
  stream.expires_after(patience);
  stream.connect(endpoint.host, std::to_string(endpoint.port));
  stream << "POST /v1/chat/completions HTTP/1.1\r\nhost: " << endpoint.host << "\r\ncontent-type: application/json\r\n"
         << "connection: close\r\ncontent-length: " << body.size() << "\r\n\r\n"
         << body << std::flush;
  return {std::istreambuf_iterator<char>(stream), {}};
}

// The value of a field of the answer's head; "-" without one.
std::string field(const std::string& answer, const std::string& name) {
  const std::string head = to_lower(std::string_view(answer).substr(0, answer.find("\r\n\r\n")));
  const std::size_t at = head.find("\r\n" + name + ": ");
  if (at == std::string::npos) return "-";
  const std::size_t begin = at + name.size() + 4;
  return answer.substr(begin, answer.find("\r\n", begin) - begin);
}

}  // namespace

DemoFolder::DemoFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "triage-demo-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::system_error(errno, std::generic_category(), pattern);
  path_ = std::move(pattern);
}

DemoFolder::~DemoFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void DemoFolder::write(const std::string& config) const {
  std::ofstream out(this->config());
  out << config;
  out.close();
  if (!out) throw std::system_error(errno, std::generic_category(), this->config());
}

std::string demo_tour(const Address& endpoint, const std::string& ledger) {
  std::string out = "\nFour questions, asked just now:\n\n";
  char line[256];
  for (const DemoQuestion& question : questions) {
    const std::string answer = ask(endpoint, question.text);
    std::snprintf(line, sizeof line, "  %-8s -> %-7s by %-11s attempts: %s, %s USD   %.40s\n", question.kind,
                  field(answer, "x-triage-tier").c_str(), field(answer, "x-triage-router").c_str(),
                  field(answer, "x-triage-attempts").c_str(), field(answer, "x-triage-cost-usd").c_str(),
                  question.text);
    out += line;
  }
  std::error_code unreadable;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", unreadable);
  out += "\nWhat they cost together, and what the highest tier would have cost:\n\n  ";
  return out + (unreadable ? "triage" : program.string()) + " report --ledger " + ledger + '\n';
}

}  // namespace triage
