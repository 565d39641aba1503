#include "app/offline_gateway.hpp"

#include "base/event.hpp"
#include "base/ids.hpp"
#include "openai/answer_reader.hpp"
#include "pipeline/attempt/ask.hpp"
#include "pipeline/live/build_snapshot.hpp"

#include <boost/asio/co_spawn.hpp>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>

namespace triage {
namespace {

using std::chrono::milliseconds;

constexpr int tries = 4;
constexpr milliseconds first_pause{500};  // and twice as long after each further failure

// A request from this process. Its answer is never a stream.
class OfflineExchange final : public Exchange {
 public:
  explicit OfflineExchange(const std::string& body) : body_(body), size_(body.size()) {
    body_.append(body_padding, '\0');
    head_.method = "POST";
    head_.target = head_.path = api_paths.front().path;
    head_.host = "localhost";
    head_.fields.push_back({"host", head_.host});
    head_.fields.push_back({"content-type", "application/json"});
    head_.content_length = size_;
  }

  [[nodiscard]] const RequestHead& head() const noexcept override { return head_; }
  [[nodiscard]] std::string_view id() const noexcept override { return id_; }
  [[nodiscard]] std::chrono::steady_clock::time_point started() const noexcept override { return started_; }
  Async<Result<std::string_view>> read_body() override { co_return std::string_view(body_).substr(0, size_); }
  Async<Result<std::string_view>> read_body_some() override { co_return std::string_view(); }
  Async<Result<void>> respond(ResponseHead head, std::string_view body) override {
    take(head);
    sent_ = body;
    co_return Result<void>();
  }
  Async<Result<void>> begin(ResponseHead head, std::optional<std::uint64_t> /*length*/,
                            std::string_view first) override {
    take(head);
    sent_ = first;
    co_return Result<void>();
  }
  Async<Result<void>> write(std::string_view piece) override {
    sent_ += piece;
    co_return Result<void>();
  }
  Async<Result<void>> finish(std::string_view last) override {
    sent_ += last;
    co_return Result<void>();
  }
  void abort() noexcept override { broken_ = true; }
  void fill_silence(ResponseHead /*head*/, milliseconds /*first*/, milliseconds /*silence*/,
                    std::string_view /*filler*/) override {}
  [[nodiscard]] bool begun() const noexcept override { return status_ != 0; }
  Cancellation& gone() noexcept override { return gone_; }

  [[nodiscard]] OfflineAnswer answer() const {
    OfflineAnswer out;
    out.status = broken_ ? 502 : status_;
    out.deployment = deployment_;
    if (!cost_.empty()) out.cost_nano_usd = std::llround(std::strtod(cost_.c_str(), nullptr) * 1e9);
    if (out.status == 200) {
      std::string padded = sent_;
      padded.append(body_padding, '\0');
      out.said = read_completion(std::string_view(padded).substr(0, sent_.size()));
      return out;
    }
    const auto error = nlohmann::json::parse(sent_, nullptr, false);
    if (broken_)
      out.problem = "the answer broke off";
    else if (error.is_object() && error.contains("error") && error["error"].is_object())
      out.problem = error["error"].value("message", "");
    return out;
  }

 private:
  void take(const ResponseHead& head) {
    status_ = head.status;
    for (const Field& field : head.fields) {
      if (iequals(field.name, "x-triage-deployment")) deployment_ = field.value;
      if (iequals(field.name, "x-triage-cost-usd")) cost_ = field.value;
    }
  }

  std::string body_;
  const std::size_t size_;
  const std::string id_ = request_id();
  const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  RequestHead head_;
  Cancellation gone_;
  int status_ = 0;
  bool broken_ = false;
  std::string deployment_;
  std::string cost_;
  std::string sent_;
};

ConfigSpec answering_only(ConfigSpec spec) {
  spec.keys.clear();
  spec.ledger.reset();
  for (RouteSpec& route : spec.routes) {
    route.shadow.reset();
    route.quality.reset();
    route.experiment.reset();
  }
  return spec;
}

UpstreamOptions upstream_options(const Snapshot& snapshot) {
  UpstreamOptions out;
  out.dns_ttl = snapshot.spec.dns_ttl;
  out.limits = snapshot.spec.limits;
  return out;
}

bool may_be_temporary(int status) {
  return status == 429 || status >= 500;
}

}  // namespace

OfflineGateway::OfflineGateway(ConfigSpec spec, std::string version)
    : snapshot_(build_snapshot(answering_only(std::move(spec)), std::move(version), metrics_, live_state_)),
      upstream_(loop_, upstream_options(*snapshot_), metrics_),
      authorized_(upstream_, loop_, metrics_),
      gateway_(loop_, authorized_, snapshot_, nullptr, &scores_) {}

void OfflineGateway::run(std::size_t count, std::size_t at_once, const std::function<Async<void>(std::size_t)>& work) {
  count_ = count;
  running_ = std::min(at_once, count);
  if (running_ == 0) return;
  for (std::size_t i = 0, workers = running_; i < workers; ++i)
    asio::co_spawn(loop_.io, worker(work), [this](const std::exception_ptr& broken) { end(broken); });
  loop_.io.run();
  if (broken_) std::rethrow_exception(broken_);
}

void OfflineGateway::end(const std::exception_ptr& broken) {
  if (broken) {
    broken_ = broken;
    stop_ = true;
  }
  if (--running_ > 0) return;
  upstream_.close_idle();
  loop_.deadlines.stop();
}

Async<void> OfflineGateway::worker(const std::function<Async<void>(std::size_t)>& work) {
  while (!stop_ && next_ < count_) {
    const std::size_t index = next_++;
    co_await work(index);
  }
}

Async<OfflineAnswer> OfflineGateway::answer(std::string body) {
  OfflineAnswer out;
  milliseconds pause = first_pause;
  for (int turn = 0; turn < tries && (turn == 0 || !stop_); ++turn, pause *= 2) {
    if (turn > 0) co_await wait(pause);
    out = co_await answer_once(body);
    if (!may_be_temporary(out.status)) break;
  }
  co_return out;
}

Async<OfflineAnswer> OfflineGateway::answer_once(const std::string& body) {
  OfflineExchange exchange(body);
  co_await gateway_.handle(exchange);
  co_return exchange.answer();
}

Async<OfflineReply> OfflineGateway::ask(const Question& question) {
  Cancellation gone;
  Trail trail(Trail::Clock::now());
  const RequestHead head;
  const ApiRequest request;
  const ChatView view;
  const auto now = Trail::Clock::now();
  const auto patience = std::visit([](const auto& each) { return each.timeout; }, question);
  const Services services{authorized_, loop_.deadlines, loop_.io.get_executor(), nullptr, nullptr, &scores_};
  const ClientSide client{head, "offline", now, now + patience, nullptr, gone};
  const Scope scope{*snapshot_, snapshot_->direct, request, view, client, services};
  OfflineReply out;
  out.result = co_await triage::ask(scope, trail, question, Purpose::judge);
  out.cost_nano_usd = trail.cost();
  co_return out;
}

Async<void> OfflineGateway::wait(milliseconds pause) {
  Event over;
  Deadline deadline(loop_.deadlines, [&over] { over.notify(); });
  deadline.set_in(pause);
  co_await over.wait();
}

}  // namespace triage
