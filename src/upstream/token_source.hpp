#pragma once
// The access tokens of one provider, on one loop: kept while they last, asked for anew before they end. Reading files
// and signing is done on another thread.

#include "base/event.hpp"
#include "base/loop.hpp"
#include "base/metrics.hpp"
#include "credentials/token.hpp"
#include "triage/cancellation.hpp"
#include "triage/upstream.hpp"

#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <list>
#include <memory>
#include <string>

namespace triage::upstream {

class TokenSource : public std::enable_shared_from_this<TokenSource> {
 public:
  using Clock = std::chrono::steady_clock;
  using Token = std::shared_ptr<const std::string>;

  /// `inner`, `loop` and `worker` outlive close().
  TokenSource(Upstream& inner, Loop& loop, asio::thread_pool& worker, const Provider& provider, Metrics& metrics);

  /// Whether its tokens are for this provider as it is configured now.
  [[nodiscard]] bool serves(const Provider& provider) const;

  /// A token that has not ended. Waits if there is none yet. Errors: upstream_error, client_gone, shutting_down.
  Async<Result<Token>> token(Cancellation& gone);

  /// The provider did not take that token. Whether there will be another: one that is new is kept.
  bool refused(const Token& token);

  /// From now on nothing is asked.
  void close() noexcept { closed_ = true; }

 private:
  static Async<void> ask(std::shared_ptr<TokenSource> self);
  Async<Result<credentials::AccessToken>> fetch();
  Async<Result<credentials::AccessToken>> exchange(const credentials::TokenRequest& request);
  void start();
  void settle(const Result<credentials::AccessToken>& got);

  Upstream& inner_;
  Loop& loop_;
  asio::thread_pool& worker_;
  Provider server_;  // where tokens are asked for
  const CredentialsSpec spec_;
  const std::string name_;
  Counter& succeeded_;
  Counter& failed_;
  Token token_;
  Error error_;
  Clock::time_point asked_;     // when the token was
  Clock::time_point renew_at_;  // another is asked for, while this one still serves
  Clock::time_point ends_at_;
  Clock::time_point rests_until_;  // after a failure
  std::list<Event*> waiters_;
  bool asking_ = false;
  bool closed_ = false;
};

}  // namespace triage::upstream
