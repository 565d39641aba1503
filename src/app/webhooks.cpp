#include "app/webhooks.hpp"

#include "base/log.hpp"
#include "base/sha256.hpp"
#include "base/unix_time.hpp"
#include "triage/cancellation.hpp"

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <nlohmann/json.hpp>

namespace triage {
namespace {

using std::chrono::milliseconds;
using Timer =
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;

constexpr milliseconds first_pause{1000};
constexpr milliseconds pause_max{60'000};
constexpr const char* metric_name = "triage_webhook_posts_total";
constexpr const char* metric_text =
    "Decisions for webhooks: sent, given up after all attempts, dropped for lack of room.";

UpstreamOptions options() {
  UpstreamOptions out;
  out.limits.reply = ByteSize{64 * 1024};
  return out;
}

}  // namespace

std::string webhook_body(const experiment::Decision& decision) {
  using Json = nlohmann::ordered_json;
  Json out;
  out["kind"] = "experiment";
  out["name"] = decision.name;
  out["version"] = decision.version;
  out["time_unix_ms"] = decision.time_unix_ms;
  out["route"] = decision.route;
  out["action"] = decision.action;
  out["actor"] = decision.actor.empty() ? Json() : Json(decision.actor);
  out["stage"] = decision.stage;
  out["share"] = decision.share;
  out["reason"] = decision.reason;
  Json figures = Json::parse(decision.figures, nullptr, false);
  out["figures"] = figures.is_object() ? std::move(figures) : Json();
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string webhook_signature(std::string_view secret, std::string_view timestamp, std::string_view body) {
  return "sha256=" + hex(hmac_sha256(secret, std::string(timestamp) + "." + std::string(body)));
}

// Used on its loop, but for `webhooks`. It lives as long as its coroutine.
struct Webhooks::State : std::enable_shared_from_this<State> {
  State(Loop& loop_, Metrics& metrics)
      : loop(loop_),
        upstream(loop_, options(), metrics),
        timer(loop_.io.get_executor()),
        sent(metrics.counter(metric_name, metric_text, {{"result", "sent"}})),
        given_up(metrics.counter(metric_name, metric_text, {{"result", "given_up"}})),
        dropped(metrics.counter(metric_name, metric_text, {{"result", "dropped"}})) {}

  struct Post {
    WebhookSpec to;
    std::string body;
  };

  void enqueue(Post post) {
    if (gone.fired()) return;
    if (waiting.size() >= waiting_max) return dropped.add();
    waiting.push_back(std::move(post));
    if (std::exchange(sending, true)) return;
    asio::co_spawn(loop.io.get_executor(), send_all(shared_from_this()), asio::detached);
  }

  static Async<void> send_all(std::shared_ptr<State> self) {
    while (!self->waiting.empty() && !self->gone.fired()) {
      const Post post = std::move(self->waiting.front());
      self->waiting.pop_front();
      co_await self->send(post);
    }
    self->sending = false;
  }

  Async<void> send(const Post& post) {
    std::string problem;
    milliseconds pause = first_pause;
    for (std::uint32_t attempt = 0; attempt < post.to.attempts && !gone.fired(); ++attempt) {
      if (attempt > 0) {
        timer.expires_after(pause);
        static_cast<void>(co_await timer.async_wait(as_result));
        pause = std::min(pause * 2, pause_max);
        if (gone.fired()) co_return;
      }
      problem = co_await try_once(post);
      if (problem.empty()) co_return sent.add();
    }
    given_up.add();
    log::warn("a webhook was not told of an experiment's decision: " + problem);
  }

  // Returns what went wrong; empty: nothing.
  Async<std::string> try_once(const Post& post) {
    Provider to;
    to.name = "webhook " + post.to.url.host + ":" + std::to_string(post.to.url.port);
    to.base_url = post.to.url;
    const std::string timestamp = std::to_string(now_unix_ms() / 1000);
    const std::string signature = webhook_signature(post.to.secret.reveal(), timestamp, post.body);
    HttpCall call;
    call.target = post.to.url.path.empty() ? "/" : post.to.url.path;
    call.fields = {{"content-type", "application/json"}, {"x-triage-timestamp", timestamp}};
    if (!post.to.secret.empty()) call.fields.push_back({"x-triage-signature", signature});
    call.body = {post.body};
    CallTimeouts timeouts;
    timeouts.connect = timeouts.first_byte = timeouts.idle = timeouts.total = post.to.timeout;
    auto reply = co_await upstream.send(to, call, timeouts, gone);
    if (!reply) co_return reply.error().message;
    const int status = (*reply)->head().status;
    co_return status / 100 == 2 ? "" : to.name + " answered " + std::to_string(status);
  }

  Loop& loop;
  HttpUpstream upstream;
  Timer timer;
  Counter& sent;
  Counter& given_up;
  Counter& dropped;
  Cancellation gone;
  std::deque<Post> waiting;
  bool sending = false;

  std::mutex mutex;
  std::map<std::string, WebhookSpec> webhooks;  // by experiment
};

Webhooks::Webhooks(Loop& loop, Metrics& metrics) : state_(std::make_shared<State>(loop, metrics)) {}

Webhooks::~Webhooks() = default;

void Webhooks::use(const ConfigSpec& config) {
  std::map<std::string, WebhookSpec> fresh;
  for (const RouteSpec& route : config.routes)
    if (route.experiment && route.experiment->webhook) fresh[route.experiment->name] = *route.experiment->webhook;
  const std::lock_guard lock(state_->mutex);
  state_->webhooks = std::move(fresh);
}

void Webhooks::tell(const experiment::Decision& decision) {
  State::Post post;
  {
    const std::lock_guard lock(state_->mutex);
    const auto found = state_->webhooks.find(decision.name);
    if (found == state_->webhooks.end()) return;
    post.to = found->second;
  }
  post.body = webhook_body(decision);
  asio::post(state_->loop.io, [state = state_, post = std::move(post)]() mutable { state->enqueue(std::move(post)); });
}

void Webhooks::stop() {
  asio::post(state_->loop.io, [state = state_] {
    state->gone.fire(ErrorCode::shutting_down);
    state->waiting.clear();
    state->timer.cancel();
    state->upstream.close_idle();
  });
}

}  // namespace triage
