#include "upstream/authorized_upstream.hpp"

#include "openai/error_body.hpp"
#include "triage/body_padding.hpp"
#include "upstream/token_source.hpp"

#include <algorithm>

namespace triage {

namespace upstream {

struct TokenWorker {
  asio::thread_pool pool{1};
};

namespace {

constexpr std::size_t error_bytes_max = 1024 * 1024;
constexpr int unauthorized = 401;

HttpCall with_token(const HttpCall& call, std::string_view bearer) {
  HttpCall out = call;
  std::erase_if(out.fields, [](const Field& field) { return iequals(field.name, "authorization"); });
  out.fields.push_back({"Authorization", bearer});
  return out;
}

// A reply without the token that it was sent for.
class MaskedReply final : public Reply {
 public:
  MaskedReply(std::unique_ptr<Reply> reply, TokenSource::Token token)
      : reply_(std::move(reply)), token_(std::move(token)), head_(reply_->head()) {
    std::erase_if(head_.fields,
                  [this](const Field& field) { return field.value.find(*token_) != std::string_view::npos; });
  }

  [[nodiscard]] const ResponseHead& head() const noexcept override { return head_; }
  [[nodiscard]] std::optional<std::uint64_t> content_length() const noexcept override { return std::nullopt; }

  Async<Result<std::string_view>> next() override {
    if (std::exchange(read_, true)) co_return std::string_view();
    for (;;) {
      const auto piece = co_await reply_->next();
      if (!piece) co_return piece.error();
      if (piece->empty()) break;
      body_.append(piece->substr(0, error_bytes_max - std::min(error_bytes_max, body_.size())));
    }
    mask(body_, {*token_});
    const std::size_t size = body_.size();
    body_.append(body_padding, '\0');
    co_return std::string_view(body_).substr(0, size);
  }

 private:
  std::unique_ptr<Reply> reply_;
  TokenSource::Token token_;
  ResponseHead head_;
  std::string body_;
  bool read_ = false;
};

}  // namespace
}  // namespace upstream

using upstream::TokenSource;

AuthorizedUpstream::AuthorizedUpstream(Upstream& inner, Loop& loop, Metrics& metrics)
    : inner_(inner), loop_(loop), metrics_(metrics) {}

AuthorizedUpstream::~AuthorizedUpstream() {
  for (const auto& [name, source] : sources_) source->close();
}

std::shared_ptr<TokenSource> AuthorizedUpstream::source_of(const Provider& provider) {
  if (!worker_) worker_ = std::make_unique<upstream::TokenWorker>();
  auto& source = sources_[provider.name];
  if (source && source->serves(provider)) return source;
  if (source) source->close();
  source = std::make_shared<TokenSource>(inner_, loop_, worker_->pool, provider, metrics_);
  return source;
}

Async<Result<std::unique_ptr<Reply>>> AuthorizedUpstream::send(const Provider& provider, const HttpCall& call,
                                                               const CallTimeouts& timeouts, Cancellation& gone) {
  if (!provider.credentials.given()) return inner_.send(provider, call, timeouts, gone);
  return send_with_token(provider, call, timeouts, gone);
}

Async<Result<SocketAnswer>> AuthorizedUpstream::open(const Provider& provider, const HttpCall& call,
                                                     const CallTimeouts& timeouts, Cancellation& gone,
                                                     const SocketLimits& limits) {
  if (!provider.credentials.given()) return inner_.open(provider, call, timeouts, gone, limits);
  return open_with_token(provider, call, timeouts, gone, limits);
}

Async<Result<std::unique_ptr<Reply>>> AuthorizedUpstream::send_with_token(const Provider& provider,
                                                                          const HttpCall& call,
                                                                          const CallTimeouts& timeouts,
                                                                          Cancellation& gone) {
  const std::shared_ptr<TokenSource> source = source_of(provider);
  for (bool again = call.replayable && call.body_source == nullptr;; again = false) {
    const auto token = co_await source->token(gone);
    if (!token) co_return token.error();
    const std::string bearer = "Bearer " + **token;
    const HttpCall sent = upstream::with_token(call, bearer);
    auto reply = co_await inner_.send(provider, sent, timeouts, gone);
    if (!reply) co_return reply.error();
    const int status = (*reply)->head().status;
    const bool renewed = status == upstream::unauthorized && source->refused(*token);
    if (renewed && again) continue;
    if (status >= 300) *reply = std::make_unique<upstream::MaskedReply>(std::move(*reply), *token);
    co_return std::move(*reply);
  }
}

Async<Result<SocketAnswer>> AuthorizedUpstream::open_with_token(const Provider& provider, const HttpCall& call,
                                                                const CallTimeouts& timeouts, Cancellation& gone,
                                                                const SocketLimits& limits) {
  const std::shared_ptr<TokenSource> source = source_of(provider);
  const auto token = co_await source->token(gone);
  if (!token) co_return token.error();
  const std::string bearer = "Bearer " + **token;
  const HttpCall sent = upstream::with_token(call, bearer);
  auto answer = co_await inner_.open(provider, sent, timeouts, gone, limits);
  if (!answer || answer->socket || !answer->reply) co_return std::move(answer);
  if (answer->reply->head().status == upstream::unauthorized) source->refused(*token);
  answer->reply = std::make_unique<upstream::MaskedReply>(std::move(answer->reply), *token);
  co_return std::move(answer);
}

}  // namespace triage
