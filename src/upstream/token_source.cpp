// none -> asking -> fresh -> (five minutes before the end) -> asking again, the old one still serves -> fresh ...
// A failure is remembered for a moment, so that a server that is down is not asked for every request.
#include "upstream/token_source.hpp"

#include "base/file.hpp"
#include "options/values.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <optional>
#include <variant>

namespace triage::upstream {
namespace {

using credentials::AccessToken;
using credentials::TokenRequest;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds renewed_before{300};
constexpr seconds unused_before{10};  // the end of a token: it has to arrive
constexpr seconds rest{5};
constexpr seconds found_lifetime{60};  // of a token in a file, which is read again then
constexpr std::size_t answer_bytes_max = 256 * 1024;
constexpr CallTimeouts timeouts{milliseconds(5'000), milliseconds(15'000), milliseconds(5'000), milliseconds(20'000)};

// What the other thread makes of the file: a token that it holds, or what to send for one.
using Prepared = std::variant<AccessToken, TokenRequest>;

Result<Prepared> prepare(const std::string& file) {
  std::string reason;
  const auto text = read_file(file, credentials::file_bytes_max, reason);
  if (!text) return Error{ErrorCode::invalid_config, "the credentials file cannot be read: " + reason};
  const auto identity = credentials::read_identity(*text);
  if (!identity)
    return Error{ErrorCode::invalid_config, "the credentials file is of no use: " + identity.error().message};
  if (const auto* const found = std::get_if<credentials::FoundToken>(&*identity))
    return Prepared(AccessToken{found->token, found_lifetime});
  auto request = credentials::token_request(*identity, std::chrono::system_clock::now());
  if (!request) return request.error();
  if (!request->url.tls && !is_loopback(request->url.host))
    return Error{ErrorCode::invalid_config, "the credentials would be sent over plain http"};
  return Prepared(std::move(*request));
}

struct Work {
  std::optional<Result<Prepared>> result;
  Event done;
};

TokenRequest metadata_request() {
  TokenRequest out = credentials::metadata_request();
  const char* const other = std::getenv("GCE_METADATA_HOST");  // as Google's own libraries have it
  if (other == nullptr) return out;
  if (const auto url = parse_url("http://" + std::string(other))) {
    out.url.host = url->host;
    out.url.port = url->port;
  }
  return out;
}

Counter& counter(Metrics& metrics, const Provider& provider, const char* result) {
  return metrics.counter("triage_access_tokens_total", "Access tokens that were asked for.",
                         {{"provider", provider.name}, {"result", result}});
}

}  // namespace

TokenSource::TokenSource(Upstream& inner, Loop& loop, asio::thread_pool& worker, const Provider& provider,
                         Metrics& metrics)
    : inner_(inner),
      loop_(loop),
      worker_(worker),
      spec_(provider.credentials),
      name_(provider.name),
      succeeded_(counter(metrics, provider, "ok")),
      failed_(counter(metrics, provider, "failed")) {
  server_.name = provider.name + " (access tokens)";
  server_.proxy = provider.proxy;
  server_.ca_file = provider.ca_file;
}

bool TokenSource::serves(const Provider& provider) const {
  return provider.credentials == spec_ && provider.proxy == server_.proxy && provider.ca_file == server_.ca_file;
}

Async<Result<TokenSource::Token>> TokenSource::token(Cancellation& gone) {
  const auto self = shared_from_this();
  const auto now = Clock::now();
  const bool lasts = token_ && now < ends_at_;
  const bool due = !lasts || now >= renew_at_;
  if (due && !asking_ && now >= rests_until_) start();
  if (lasts) co_return token_;
  if (asking_) {
    Event event;
    waiters_.push_back(&event);
    {
      const std::function<void()> give_up = [&event] { event.notify(); };
      const CancellationHook hook(gone, give_up);
      if (!gone.fired()) co_await event.wait();
    }
    if (gone.fired()) {
      waiters_.remove(&event);
      co_return Error{gone.reason(), "the call was given up while it waited for an access token"};
    }
  }
  if (token_ && Clock::now() < ends_at_) co_return token_;
  co_return error_;
}

bool TokenSource::refused(const Token& token) {
  if (token == token_ && Clock::now() >= asked_ + rest) token_.reset();
  return token != token_;
}

void TokenSource::start() {
  asking_ = true;
  asio::co_spawn(loop_.io, ask(shared_from_this()), asio::detached);
}

Async<void> TokenSource::ask(std::shared_ptr<TokenSource> self) {
  std::optional<Result<AccessToken>> got;
  try {
    got = co_await self->fetch();
  } catch (const std::exception& failure) {
    got = Error{ErrorCode::internal_error, failure.what()};
  }
  self->settle(*got);
}

Async<Result<AccessToken>> TokenSource::fetch() {
  if (spec_.metadata) {
    const TokenRequest request = metadata_request();
    co_return co_await exchange(request);
  }
  const auto work = std::make_shared<Work>();
  asio::post(worker_, [work, file = spec_.file, executor = loop_.io.get_executor()] {
    work->result = prepare(file);
    asio::post(executor, [work] { work->done.notify(); });
  });
  co_await work->done.wait();
  if (!*work->result) co_return work->result->error();
  const Prepared& prepared = **work->result;
  if (const auto* const found = std::get_if<AccessToken>(&prepared)) co_return *found;
  if (closed_) co_return Error{ErrorCode::shutting_down, "the gateway is stopping"};
  co_return co_await exchange(std::get<TokenRequest>(prepared));
}

Async<Result<AccessToken>> TokenSource::exchange(const TokenRequest& request) {
  server_.base_url = request.url;
  HttpCall call;
  call.method = request.method;
  call.target = request.url.path.empty() ? "/" : request.url.path;
  for (const auto& [name, value] : request.fields) call.fields.push_back({name, value});
  if (!request.body.empty()) call.body.push_back(request.body);
  Cancellation never;
  auto reply = co_await inner_.send(server_, call, timeouts, never);
  if (!reply) co_return reply.error();
  std::string body;
  for (;;) {
    const auto piece = co_await (*reply)->next();
    if (!piece) co_return piece.error();
    if (piece->empty()) break;
    body.append(*piece);
    if (body.size() > answer_bytes_max)
      co_return Error{ErrorCode::upstream_bad_response, "the token server's answer is too long"};
  }
  co_return credentials::read_token((*reply)->head().status, body);
}

void TokenSource::settle(const Result<AccessToken>& got) {
  asking_ = false;
  const auto now = Clock::now();
  if (got) {
    const auto lifetime = got->lifetime;
    token_ = std::make_shared<const std::string>(got->token.reveal());
    asked_ = now;
    renew_at_ = now + std::max(lifetime / 2, lifetime - renewed_before);
    ends_at_ = now + lifetime - std::min(lifetime / 4, unused_before);
    succeeded_.add();
  } else {
    error_ = Error{ErrorCode::upstream_error, "provider '" + name_ + "': no access token: " + got.error().message};
    rests_until_ = now + rest;
    failed_.add();
  }
  for (std::size_t count = waiters_.size(); count > 0 && !waiters_.empty(); --count) {
    Event* const next = waiters_.front();
    waiters_.pop_front();
    next->notify();
  }
}

}  // namespace triage::upstream
