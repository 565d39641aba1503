#pragma once
// Why there is no answer: what the client is told, and what may be done about it.

#include "triage/cancellation.hpp"
#include "triage/dialect.hpp"
#include "triage/error.hpp"
#include "triage/message.hpp"
#include "triage/record.hpp"
#include "triage/spec.hpp"
#include "triage/upstream.hpp"

#include <chrono>
#include <ctime>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace triage {

struct Target;

/// A provider's own error, ready for the client: in OpenAI's format, without secrets.
struct ErrorReply {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;
};

struct Failure {
  Remedy remedy = Remedy::none;
  std::optional<std::chrono::milliseconds> retry_after = {};  ///< how long the deployment should not be called
  bool asked = false;                                         ///< the provider asked for that
  bool other_key = false;                                     ///< another key of the provider can be tried at once
  bool elsewhere = false;                                     ///< repeat it only if there is no other candidate
  bool no_head = false;                  ///< no byte of an answer came: the whole host may be out of reach
  Additions refused = 0;                 ///< additions to the request that the provider refuses
  bool no_path = false;                  ///< the provider's reply says that it has no such API...
  bool no_form = false;                  ///< ...which it does not have to have: it can be asked in another
  Error error = {};                      ///< for the client, unless there is a `reply`
  std::optional<ErrorReply> reply = {};  ///< to be passed on unchanged

  [[nodiscard]] ErrorCode code() const noexcept { return reply ? ErrorCode::upstream_error : error.code; }
};

/// A failure, or none, as std::optional has it. It lies on the heap: it is rare, and every coroutine on the way of a
/// request has room for one in its frame, as long as the request lasts.
class MaybeFailure {
 public:
  MaybeFailure() = default;
  MaybeFailure(std::nullopt_t) noexcept {}
  MaybeFailure(Failure failure) : failure_(std::make_unique<Failure>(std::move(failure))) {}

  [[nodiscard]] explicit operator bool() const noexcept { return failure_ != nullptr; }
  [[nodiscard]] bool has_value() const noexcept { return failure_ != nullptr; }
  Failure& operator*() noexcept { return *failure_; }
  const Failure& operator*() const noexcept { return *failure_; }
  Failure* operator->() noexcept { return failure_.get(); }
  const Failure* operator->() const noexcept { return failure_.get(); }
  void reset() noexcept { failure_.reset(); }

 private:
  std::unique_ptr<Failure> failure_;
};

/// The outcome of a request that ends with this error.
Outcome outcome_of(ErrorCode code) noexcept;

/// Why nobody waits for the answer any more: the client left (`message` says so), or the gateway is stopping.
Error given_up(const Cancellation& gone, std::string message);

/// The failure for an error of the upstream or of an answer.
Failure failure_of(Error error);

/// The failure for an answer of status 2xx that is an error and names another status: as if it had come with that
/// status.
Failure reported_failure(const Target& target, const Error& error);

/// Whose model a call asks for: the deployment's, which the provider ought to know, or one that the client knows of.
enum class AskedModel : std::uint8_t { own, foreign };

/// Reads to its end a provider's reply of status 300 or above. `added`: to the client's request. What is wrong with
/// the gateway's own key or model is told as the gateway's fault: to the client it would look like its own.
Async<Failure> read_failure(const Target& target, Reply& reply, Additions added = 0,
                            AskedModel model = AskedModel::own);

/// A route's time-outs for one call that must fit in `left`, of which it may use a share before its answer begins, so
/// that others can be asked in time: of `shares` equal ones if it is streamed, three quarters if it comes whole, when
/// all of it is made.
CallTimeouts timeouts_within(const TimeoutsSpec& spec, std::chrono::milliseconds left, bool streamed = false,
                             std::size_t shares = 1);

/// The pause that `retry-after-ms` or `Retry-After` ask for (RFC 9110, 10.2.3); nullopt if neither is sensible.
std::optional<std::chrono::milliseconds> asked_pause(const std::vector<Field>& fields, std::time_t now);

/// What no client may see of a provider, as views into it.
std::vector<std::string_view> secrets_of(const Provider& provider);

}  // namespace triage
