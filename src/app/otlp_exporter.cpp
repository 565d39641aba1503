#include "app/otlp_exporter.hpp"

#include "app/loop_thread.hpp"
#include "base/log.hpp"
#include "base/unix_time.hpp"
#include "ledger/otlp.hpp"
#include "pipeline/attempt/failure.hpp"
#include "triage/cancellation.hpp"
#include "upstream/http_upstream.hpp"

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <atomic>
#include <deque>
#include <future>
#include <mutex>

namespace triage {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using Timer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor>;

constexpr int attempts_max = 5;
constexpr milliseconds first_pause{1'000};
constexpr milliseconds pause_max{30'000};
constexpr milliseconds last_words{1'000};       // when the gateway stops: for each of what is left to be sent
constexpr milliseconds complain_every{60'000};  // about failed exports, in the log

UpstreamOptions options() {
  UpstreamOptions out;
  out.limits.reply = ByteSize{64 * 1024};
  return out;
}

// By the specification of OTLP/HTTP.
bool may_be_repeated(int status) noexcept {
  return status == 429 || status == 502 || status == 503 || status == 504;
}

}  // namespace

// Its loop and thread exist from the first configuration that asks for an export.
struct OtlpExporter::State : std::enable_shared_from_this<State> {
  State(std::size_t loop, Metrics& into) : loop_number(loop), metrics(into) {}

  struct Outcome {
    std::string problem;  ///< empty: it was taken
    bool again = false;   ///< it may be tried again
    std::optional<milliseconds> after = {};
  };

  void start() {
    thread = std::make_unique<LoopThread>(loop_number);
    Loop& loop = thread->loop();
    upstream = std::make_unique<HttpUpstream>(loop, options(), metrics);
    timer = std::make_unique<Timer>(loop.io.get_executor());
    asio::co_spawn(loop.io.get_executor(), run(shared_from_this()), asio::detached);
    thread->start();
  }

  static Async<void> run(std::shared_ptr<State> self) {
    auto metrics_at = Clock::now() + self->current().metrics_every;
    for (bool last = false; !last;) {
      self->idle = !self->stopping && !self->full();
      self->timer->expires_after(self->idle ? self->current().every : milliseconds(0));
      static_cast<void>(co_await self->timer->async_wait(as_result));
      self->idle = false;
      last = self->stopping;
      co_await self->send_traces();
      if (!last && Clock::now() < metrics_at) continue;
      metrics_at = Clock::now() + self->current().metrics_every;
      co_await self->send_metrics();
    }
    self->upstream->close_idle();
    self->ended.set_value();
  }

  Async<void> send_traces() {
    for (bool more = true; more;) {
      std::size_t count = 0;
      const std::string spans = take_batch(count);
      if (count == 0) co_return;
      const OtlpSpec spec = current();
      const std::string body = ledger::traces_body(service(spec), spans);
      const bool taken = co_await send(spec, "/v1/traces", body);
      if (taken)
        sent_requests->add(static_cast<std::int64_t>(count));
      else
        dropped->add(static_cast<std::int64_t>(count));
      more = full() || (stopping && Clock::now() < stop_by);
    }
  }

  Async<void> send_metrics() {
    const OtlpSpec spec = current();
    std::string body;
    {
      const std::lock_guard lock(mutex);
      if (spec.metrics && !figures.empty()) body = figures.body(service(spec), now_unix_ms());
    }
    if (!body.empty()) co_await send(spec, "/v1/metrics", body);
  }

  Async<bool> send(const OtlpSpec& spec, std::string_view path, const std::string& body) {
    milliseconds pause = first_pause;
    Outcome outcome;
    for (int attempt = 1; attempt <= attempts_max; ++attempt) {
      outcome = co_await try_once(spec, path, body);
      if (outcome.problem.empty()) {
        exports_ok->add();
        co_return true;
      }
      if (!outcome.again || stopping || attempt == attempts_max) break;
      timer->expires_after(std::min(outcome.after.value_or(pause), pause_max));
      static_cast<void>(co_await timer->async_wait(as_result));
      pause = std::min(pause * 2, pause_max);
    }
    exports_failed->add();
    if (Clock::now() >= complain_at) {
      complain_at = Clock::now() + complain_every;
      log::warn("an export to OpenTelemetry failed: " + outcome.problem);
    }
    co_return false;
  }

  Async<Outcome> try_once(const OtlpSpec& spec, std::string_view path, const std::string& body) {
    Provider to;
    to.name = "opentelemetry";
    to.base_url = spec.endpoint;
    to.ca_file = spec.ca_file;
    HttpCall call;
    call.target = spec.endpoint.path + std::string(path);
    call.fields = {{"content-type", "application/json"}, {"user-agent", "triage/" TRIAGE_VERSION}};
    for (const auto& [name, value] : spec.headers) call.fields.push_back({name, value.reveal()});
    call.body = {body};
    CallTimeouts timeouts;
    timeouts.total = stopping ? std::min(spec.timeout, last_words) : spec.timeout;
    timeouts.connect = timeouts.first_byte = timeouts.idle = timeouts.total;
    auto reply = co_await upstream->send(to, call, timeouts, gone);
    if (!reply) co_return Outcome{reply.error().message, true};
    const int status = (*reply)->head().status;
    if (status / 100 == 2) {
      // Read to its end, so that the connection can serve the next export.
      for (;;) {
        const auto piece = co_await (*reply)->next();
        if (!piece || piece->empty()) break;
      }
      co_return Outcome();
    }
    const auto after = asked_pause((*reply)->head().fields, std::time(nullptr));
    co_return Outcome{"the collector answered " + std::to_string(status), may_be_repeated(status), after};
  }

  OtlpSpec current() {
    const std::lock_guard lock(mutex);
    return in_force;
  }

  static ledger::OtlpService service(const OtlpSpec& spec) { return {spec.service_name, TRIAGE_VERSION}; }

  bool full() {
    const std::lock_guard lock(mutex);
    return waiting.size() >= in_force.batch;
  }

  std::string take_batch(std::size_t& count) {
    const std::lock_guard lock(mutex);
    std::string out;
    for (; count < in_force.batch && !waiting.empty(); ++count) {
      if (!out.empty()) out += ',';
      out += waiting.front();
      waiting.pop_front();
    }
    return out;
  }

  // Ends the wait for others; a pause before a repetition only if the gateway stops.
  void wake() {
    asio::post(thread->loop().io, [state = shared_from_this()] {
      if (state->idle || state->stopping) state->timer->cancel();
    });
  }

  const std::size_t loop_number;
  Metrics& metrics;
  std::unique_ptr<LoopThread> thread;  // null: there was nothing to send yet
  std::unique_ptr<HttpUpstream> upstream;
  std::unique_ptr<Timer> timer;
  Cancellation gone;
  Clock::time_point complain_at;
  Clock::time_point stop_by;
  std::atomic<bool> stopping{false};
  bool idle = false;  // waits for requests
  std::promise<void> ended;

  const std::int64_t began_unix_ms = now_unix_ms();
  std::mutex mutex;  // of what follows
  bool on = false;
  OtlpSpec in_force;
  ledger::OtlpProviders providers;
  std::deque<std::string> waiting;  // spans of requests, as JSON
  ledger::OtlpMetrics figures{began_unix_ms};

  static constexpr const char* exports = "triage_otlp_exports_total";
  static constexpr const char* exports_help = "Exports to OpenTelemetry's collector, with all their attempts.";
  Counter* exports_ok = &metrics.counter(exports, exports_help, {{"result", "ok"}});
  Counter* exports_failed = &metrics.counter(exports, exports_help, {{"result", "failed"}});
  Counter* sent_requests = &metrics.counter("triage_otlp_sent_total", "Requests whose traces were sent.");
  Counter* dropped = &metrics.counter("triage_otlp_dropped_total",
                                      "Requests whose traces were not sent: too many waited, or an export failed.");
};

OtlpExporter::OtlpExporter(const std::string& ledger_folder, std::size_t loop, Metrics& metrics)
    : begin_(ledger::first_position(ledger_folder, now_unix_ms())), state_(std::make_shared<State>(loop, metrics)) {}

OtlpExporter::~OtlpExporter() {
  stop();
}

void OtlpExporter::use(const ConfigSpec& spec) {
  {
    const std::lock_guard lock(state_->mutex);
    state_->on = spec.opentelemetry.has_value();
    if (!state_->on) return;
    state_->in_force = *spec.opentelemetry;
    state_->providers = ledger::otlp_providers(spec.providers);
  }
  if (state_->thread == nullptr)
    state_->start();
  else
    state_->wake();
}

bool OtlpExporter::wants() const {
  const std::lock_guard lock(state_->mutex);
  return state_->on;
}

void OtlpExporter::take(const ledger::Entry& entry) {
  entry.visit([this]<class T>(const ledger::Stored<T>& stored) {
    if constexpr (std::is_same_v<T, LedgerRecord>) {
      if (stored.template get<&LedgerRecord::time_unix_ms>().value_or(0) < state_->began_unix_ms) return;
      std::unique_lock lock(state_->mutex);
      if (!state_->on) return;
      if (state_->in_force.metrics) state_->figures.add(stored, state_->providers);
      if (!state_->in_force.traces) return;
      if (state_->waiting.size() >= state_->in_force.queue) return state_->dropped->add();
      std::string spans = ledger::spans_of(stored, state_->providers);
      if (spans.empty()) return;
      state_->waiting.push_back(std::move(spans));
      const bool wake = state_->waiting.size() == state_->in_force.batch;
      lock.unlock();
      if (wake) state_->wake();
    }
  });
}

void OtlpExporter::stop() {
  if (state_->thread == nullptr) return;
  state_->stop_by = Clock::now() + last_words;
  state_->stopping = true;
  state_->wake();
  auto ended = state_->ended.get_future();
  if (ended.wait_for(3 * last_words) != std::future_status::ready) {
    asio::post(state_->thread->loop().io, [state = state_] { state->gone.fire(ErrorCode::shutting_down); });
    ended.wait();
  }
  state_->thread->release();
  state_->thread->join();
  state_->upstream.reset();
  state_->timer.reset();
  state_->thread.reset();
}

}  // namespace triage
