#include "app/demo_tour.hpp"

#include "app/demo_client.hpp"
#include "app/demo_traffic.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>

namespace triage {
namespace {

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

std::string demo_tour(const Address& endpoint, const std::string& ledger, bool traffic) {
  std::string out = "\nFour questions, asked just now:\n\n";
  char line[256];
  for (const DemoQuestion& question : questions) {
    const std::string answer =
        demo_post(endpoint, "/v1/chat/completions",
                  R"({"model":"auto","messages":[{"role":"user","content":")" + std::string(question.text) + "\"}]}");
    std::snprintf(line, sizeof line, "  %-8s -> %-7s by %-11s attempts: %s, %s USD   %.40s\n", question.kind,
                  demo_field(answer, "x-triage-tier").c_str(), demo_field(answer, "x-triage-router").c_str(),
                  demo_field(answer, "x-triage-attempts").c_str(), demo_field(answer, "x-triage-cost-usd").c_str(),
                  question.text);
    out += line;
  }
  std::error_code unreadable;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", unreadable);
  out += "\nWhat all of it costs, and what the highest tier would have cost:\n\n  ";
  out += (unreadable ? "triage" : program.string()) + " report --ledger " + ledger + "\n\n";
  if (!traffic) return out + "With --traffic, simulated users ask on, and the dashboard lives.\n";
  return out + "Simulated users ask " + std::to_string(DemoTraffic::questions_per_second) +
         " questions a second, for half an hour. The dashboard shows where they go, and two experiments:\n"
         "support-small-first saves money and grows, reports-small-only costs quality and is rolled back.\n";
}

}  // namespace triage
