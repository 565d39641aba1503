#pragma once
// A provider's dialect: pure translation between what clients ask and what a provider speaks. N dialects and M client
// APIs (client_api.hpp) meet in two things only: the request as it was read, and the events of an answer.
// Adding one: a file in src/providers, a line in its list, a test.

#include "triage/answer.hpp"
#include "triage/error.hpp"
#include "triage/message.hpp"
#include "triage/request.hpp"
#include "triage/spec.hpp"
#include "triage/upstream.hpp"

#include <chrono>
#include <forward_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace triage {

/// A call and the strings that its views point into, besides the request's own bytes.
struct EncodedCall {
  HttpCall call;
  std::forward_list<std::string> owned;

  std::string_view own(std::string text) { return owned.emplace_front(std::move(text)); }
};

/// Turns the body of one streamed answer into events. Its framing is the dialect's own.
class AnswerDecoder {
 public:
  virtual ~AnswerDecoder() = default;

  /// The next bytes of the body, body_padding readable bytes behind. They are borrowed until next() has returned null.
  virtual void feed(std::string_view bytes) = 0;

  /// The body has ended: next() gives what is left.
  virtual void end() = 0;

  /// The next event that is there; null: feed more. Valid until the next call.
  /// Errors: upstream_bad_response (not what the dialect promises), upstream_error (the provider reports an error),
  /// upstream_too_large (an event beyond limits.event). After an error the decoder is of no use.
  virtual Result<const AnswerEvent*> next() = 0;

  /// The provider's end mark has come: there are no events behind it.
  [[nodiscard]] virtual bool ended() const noexcept = 0;
};

/// What may be done about a failure.
enum class Remedy : std::uint8_t {
  none,           ///< the request's own fault: tell the client
  anywhere,       ///< the same deployment again, or another
  elsewhere,      ///< another deployment only
  larger_window,  ///< another deployment with a larger context window only
};

/// Immutable, used by all loops at once.
class Dialect {
 public:
  virtual ~Dialect() = default;
  [[nodiscard]] virtual std::string_view name() const noexcept = 0;

  /// `client` gives the fields that may travel on; `now` is for signatures. The result's views point into
  /// `request.body`, `client`, `deployment`, `provider` and the result itself (move it, do not copy it).
  /// Errors: what keeps the request from being said in this dialect.
  [[nodiscard]] virtual Result<EncodedCall> encode(const ApiRequest& request, const RequestHead& client,
                                                   const Deployment& deployment, const Provider& provider,
                                                   std::chrono::system_clock::time_point now) const = 0;

  /// A call that passes through unread: same method, path below /v1, query and fields; the body comes from the client.
  [[nodiscard]] virtual EncodedCall pass_through(const RequestHead& client, const Provider& provider) const = 0;

  /// Whether an answer with these fields is a stream of events, for a decoder.
  [[nodiscard]] virtual bool is_stream(const ResponseHead& head) const noexcept = 0;

  /// `event_bytes_max` bounds one event.
  [[nodiscard]] virtual std::unique_ptr<AnswerDecoder> decoder(const ApiRequest& request,
                                                               std::size_t event_bytes_max) const = 0;

  /// Reads a whole answer of status 2xx, body_padding readable bytes behind, into `out`, which is empty; its views
  /// point into `body`. What can be read of one that is cut off is there, but no usage. The error says why it is not
  /// an answer: an error in its place (upstream_error), a web page, nothing at all (upstream_bad_response).
  [[nodiscard]] virtual std::optional<Error> decode_whole(std::string_view content_type, std::string_view body,
                                                          AnswerEvent& out) const = 0;

  /// What a reply of status 300 and more allows, in this provider's words.
  [[nodiscard]] virtual Remedy classify(int status, std::string_view body) const noexcept = 0;
};

}  // namespace triage
