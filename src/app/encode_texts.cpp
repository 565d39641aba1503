#include "app/encode_texts.hpp"

#include "base/event.hpp"
#include "base/loop.hpp"
#include "base/metrics.hpp"
#include "openai/request_body.hpp"
#include "pipeline/attempt/ask.hpp"
#include "pipeline/attempt/score_pool.hpp"
#include "upstream/http_upstream.hpp"

#include <boost/asio/co_spawn.hpp>
#include <chrono>
#include <exception>

namespace triage {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t at_once = 8;
constexpr int tries = 5;
constexpr milliseconds first_pause{500};  // and twice as long after each further failure
constexpr milliseconds patience{30'000};  // with one call; that of a request in a hurry does not apply here

class Encoder {
 public:
  Encoder(const Snapshot& snapshot, const routing::Encoder& encoder, const std::vector<std::string>& texts,
          const std::function<bool(std::size_t, std::vector<float>)>& took)
      : snapshot_(snapshot), encoder_(encoder), texts_(texts), took_(took), upstream_(loop_, options(), metrics_) {}

  Encoding run() {
    running_ = std::min(at_once, texts_.size());
    if (running_ == 0) return {};
    for (std::size_t i = 0; i < running_; ++i)
      asio::co_spawn(loop_.io, work(), [this](const std::exception_ptr& broken) { end(broken); });
    loop_.io.run();
    if (broken_) std::rethrow_exception(broken_);
    return std::move(out_);
  }

 private:
  [[nodiscard]] UpstreamOptions options() const {
    UpstreamOptions out;
    out.dns_ttl = snapshot_.spec.dns_ttl;
    out.limits = snapshot_.spec.limits;
    return out;
  }

  void end(const std::exception_ptr& broken) {
    if (broken) {
      broken_ = broken;
      stop_ = true;
    }
    if (--running_ > 0) return;
    upstream_.close_idle();
    loop_.deadlines.stop();
  }

  Async<void> work() {
    while (!stop_ && next_ < texts_.size()) {
      const std::size_t index = next_++;
      std::vector<float> vector = co_await vector_of(texts_[index]);
      if (vector.empty()) {
        stop_ = true;
        break;
      }
      ++out_.done;
      if (!took_(index, std::move(vector))) stop_ = true;
    }
  }

  Async<std::vector<float>> vector_of(const std::string& text) {
    milliseconds pause = first_pause;
    for (int turn = 0; turn < tries && !stop_; ++turn, pause *= 2) {
      if (turn > 0) co_await wait(pause);
      Trail trail(Trail::Clock::now());
      std::vector<float> vector = co_await ask_once(text, trail);
      const auto cost = trail.cost();
      if (out_.cost_nano_usd) out_.cost_nano_usd = cost ? std::optional(*out_.cost_nano_usd + *cost) : std::nullopt;
      if (!vector.empty()) co_return vector;
      out_.problem = problem_of(trail);
    }
    co_return std::vector<float>();
  }

  Async<std::vector<float>> ask_once(const std::string& text, Trail& trail) {
    Cancellation gone;
    const auto now = Trail::Clock::now();
    const Services services{upstream_, loop_.deadlines, loop_.io.get_executor(), nullptr, nullptr, &scores_};
    const ClientSide client{head_, "encode", now, now + patience, nullptr, gone};
    const Scope scope{snapshot_, snapshot_.direct, request_, view_, client, services};
    auto question = encoder_.question(text);
    if (!question) co_return encoder_.encode(text);
    std::visit([](auto& each) { each.timeout = patience; }, *question);
    const QuestionResult result = co_await ask(scope, trail, *question, Purpose::route);
    co_return encoder_.vector_in(result);
  }

  static std::string problem_of(const Trail& trail) {
    if (trail.empty()) return "it was not asked, because calls to it keep failing";
    const AttemptRecord& last = trail[trail.size() - 1].record;
    std::string out = last.error.empty() ? "its answer holds no vector" : std::string(last.error);
    if (last.status != 0) out += ", status " + std::to_string(last.status);
    return out;
  }

  Async<void> wait(milliseconds pause) {
    Event over;
    Deadline deadline(loop_.deadlines, [&over] { over.notify(); });
    deadline.set_in(pause);
    co_await over.wait();
  }

  const Snapshot& snapshot_;
  const routing::Encoder& encoder_;
  const std::vector<std::string>& texts_;
  const std::function<bool(std::size_t, std::vector<float>)>& took_;
  Metrics metrics_;
  Loop loop_{0};
  HttpUpstream upstream_;
  ScorePool scores_{1};
  RequestHead head_;
  ApiRequest request_;
  ChatView view_;
  Encoding out_;
  std::exception_ptr broken_;
  std::size_t next_ = 0;
  std::size_t running_ = 0;
  bool stop_ = false;
};

}  // namespace

Encoding encode_texts(const Snapshot& snapshot, const routing::Encoder& encoder, const std::vector<std::string>& texts,
                      const std::function<bool(std::size_t, std::vector<float>)>& took) {
  Encoding out = Encoder(snapshot, encoder, texts, took).run();
  if (out.done == texts.size()) out.problem.clear();
  return out;
}

}  // namespace triage
