#include "app/demo_traffic.hpp"

#include "app/demo_client.hpp"
#include "app/demo_users.hpp"

#include <condition_variable>
#include <mutex>
#include <string>

namespace triage {
namespace {

// So many ask at once; each waits so long from one question to the next that together they keep the rate.
constexpr std::uint64_t at_once = 12;
constexpr std::chrono::milliseconds pace{1000 * at_once / DemoTraffic::questions_per_second};

void ask(const Address& gateway, const UserQuestion& question) {
  const std::string answer = demo_post(gateway, "/v1/chat/completions", body_of(question));
  if (!question.judged || question.streamed || !answer.starts_with("HTTP/1.1 200")) return;
  const std::string thumb = pleases(question, answer) ? "up" : "down";
  demo_post(gateway, "/v1/feedback",
            R"({"id":")" + demo_field(answer, "x-request-id") + R"(","thumb":")" + thumb + R"("})");
}

}  // namespace

DemoTraffic::DemoTraffic(Address gateway) : gateway_(std::move(gateway)) {
  for (std::uint64_t i = 0; i < at_once; ++i)
    users_.emplace_back([this](const std::stop_token& stop) { ask_on(stop); });
}

DemoTraffic::~DemoTraffic() {
  for (std::jthread& user : users_) user.request_stop();
}

void DemoTraffic::ask_on(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any ended;
  std::unique_lock lock(mutex);
  auto next = std::chrono::steady_clock::now();
  while (!stop.stop_requested()) {
    const std::uint64_t number = asked_.fetch_add(1);
    if (number >= questions_max) return;
    ask(gateway_, user_question(number));
    next += pace;
    ended.wait_until(lock, stop, next, [] { return false; });
  }
}

}  // namespace triage
