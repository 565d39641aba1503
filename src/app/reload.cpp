#include "app/reload.hpp"

#include "app/demo.hpp"
#include "base/event.hpp"
#include "base/log.hpp"
#include "base/text.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <ctime>

namespace triage {
namespace {

std::vector<std::string> told(const Loaded& loaded, Diagnostic::Severity severity) {
  std::vector<std::string> out;
  for (const Diagnostic& diagnostic : loaded.diagnostics)
    if (diagnostic.severity == severity) out.push_back(to_string(diagnostic));
  return out;
}

void log_lines(void (*say)(std::string_view), std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    say(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

Error stopping() {
  return {ErrorCode::shutting_down, "the gateway is stopping"};
}

}  // namespace

std::vector<std::string> keep_what_is_fixed(const ConfigSpec& running, ConfigSpec& fresh) {
  std::vector<std::string> differed;
  const auto keep = [&](const char* key, bool is_same, const auto& old, auto& value) {
    if (is_same) return;
    differed.emplace_back(key);
    value = old;
  };
  const ListenSpec& was = running.listen;
  ListenSpec& is = fresh.listen;
  keep("listen.address", is.address == was.address, was.address, is.address);
  keep("listen.tls", is.tls == was.tls, was.tls, is.tls);
  keep("listen.loops", is.loops == was.loops, was.loops, is.loops);
  keep("admin.address", fresh.admin.address == running.admin.address, running.admin.address, fresh.admin.address);
  keep("ledger", fresh.ledger == running.ledger, running.ledger, fresh.ledger);
  return differed;
}

Reloads::Reloads(const Loaded& first, Read read, Use use, Metrics& metrics)
    : read_(std::move(read)),
      use_(std::move(use)),
      fixed_(first.spec),
      ok_(metrics.counter("triage_reloads_total", "Reloads of the configuration.", {{"result", "ok"}})),
      failed_(metrics.counter("triage_reloads_total", "Reloads of the configuration.", {{"result", "failed"}})),
      unchanged_(metrics.counter("triage_reloads_total", "Reloads of the configuration.", {{"result", "unchanged"}})) {
  state_.version = first.version;
  state_.loaded = std::time(nullptr);
  watch(first);
}

void Reloads::watch(const Loaded& loaded) {
  sources_ = loaded.sources;
  std::vector<std::string> looks;
  for (const Source& source : sources_) looks.push_back(source.look);
  settling_.accept(std::move(looks));
}

bool Reloads::files_changed() {
  std::vector<std::string> looks;
  for (const Source& source : sources_) looks.push_back(look_of(source));
  return settling_.look(std::move(looks));
}

// Returns why it could not be applied.
std::string Reloads::take_up(Loaded fresh, admin::ConfigState& state) {
  if (!fresh.ok()) return joined(told(fresh, Diagnostic::error), "\n");
  if (fresh.version == state.version) return "";
  auto at_next_start = keep_what_is_fixed(fixed_, fresh.spec);
  if (std::string why = exposure_refusal(fresh.spec); !why.empty()) return why;
  try {
    use_(std::move(fresh.spec), fresh.version);
  } catch (const std::exception& failure) {
    return failure.what();
  }
  state.version = fresh.version;
  state.loaded = std::time(nullptr);
  state.at_next_start = std::move(at_next_start);
  return "";
}

void Reloads::tell_failure(std::string_view why, const std::string& problem) {
  failed_.add();
  if (problem == told_) return;
  told_ = problem;
  log::error(std::string(why) + ": the new configuration is refused, " + state().version + " stays in force");
  log_lines(log::error, problem);
}

admin::Reloaded Reloads::run(std::string_view why) {
  Loaded fresh = read_();
  watch(fresh);
  const std::string warnings = joined(told(fresh, Diagnostic::warning), "\n");
  admin::Reloaded out;
  out.state = state();
  const std::string before = out.state.version;
  out.problem = take_up(std::move(fresh), out.state);
  out.changed = out.state.version != before;
  out.state.last_error = out.problem;
  {
    const std::lock_guard lock(mutex_);
    state_ = out.state;
  }
  if (!out.problem.empty()) {
    tell_failure(why, out.problem);
    return out;
  }
  told_.clear();
  (out.changed ? ok_ : unchanged_).add();
  const std::string text = std::string(why) + ": configuration ";
  if (!out.changed) {
    log::info(text + before + " is unchanged");
    return out;
  }
  log_lines(log::warn, warnings);
  const std::string later = joined(out.state.at_next_start);
  log::info(text + out.state.version + " is in force, after " + before +
            (later.empty() ? "" : "; takes effect at the next start: " + later));
  return out;
}

admin::ConfigState Reloads::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

bool Reloads::enlist(Answer answer) {
  const std::lock_guard lock(mutex_);
  if (stopped_) return false;
  waiting_.push_back(std::move(answer));
  return true;
}

void Reloads::answer_requests() {
  std::vector<Answer> waiting;
  {
    const std::lock_guard lock(mutex_);
    waiting.swap(waiting_);
  }
  if (waiting.empty()) return;
  const Result<admin::Reloaded> came = run("POST /admin/reload");
  for (const Answer& answer : waiting) answer(came);
}

void Reloads::stop() {
  std::vector<Answer> waiting;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    waiting.swap(waiting_);
  }
  const Result<admin::Reloaded> none = stopping();
  for (const Answer& answer : waiting) answer(none);
}

Async<Result<admin::Reloaded>> Reloads::ask(std::function<void()> wake) {
  struct Waiter {
    Event came;
    std::optional<Result<admin::Reloaded>> answer;
  };
  const auto waiter = std::make_shared<Waiter>();
  const Executor here = co_await asio::this_coro::executor;
  Answer answer = [waiter, here](const Result<admin::Reloaded>& came) {
    asio::post(here, [waiter, came] {
      waiter->answer = came;
      waiter->came.notify();
    });
  };
  const bool enlisted = enlist(std::move(answer));
  if (!enlisted) co_return stopping();
  wake();
  if (!waiter->answer) co_await waiter->came.wait();
  co_return *waiter->answer;
}

}  // namespace triage
