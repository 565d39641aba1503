#pragma once
// A provider's dialect: pure translation between what clients ask for and what a provider speaks. N dialects and M
// client APIs (client_api.hpp) share only two things: the parsed request and the events of an answer.
// To add one: a file in src/providers, a line in its list, a test.

#include "triage/answer.hpp"
#include "triage/blocks.hpp"
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

/// An encoded call, and the strings that its views point into besides the request's own bytes.
struct EncodedCall {
  HttpCall call;
  std::forward_list<std::string> owned;
  Additions added = 0;               ///< what `call` asks for and the request does not
  std::vector<std::string> dropped;  ///< what the request says and `call` does not, by the client's names

  std::string_view own(std::string text) { return owned.emplace_front(std::move(text)); }
};

/// Turns the body of one streamed answer into events. The dialect decides the framing.
class AnswerDecoder {
 public:
  virtual ~AnswerDecoder() = default;

  /// Takes the next bytes of the body, followed by body_padding readable bytes. They must stay valid until next()
  /// returns null.
  virtual void feed(std::string_view bytes) = 0;

  /// Marks the end of the body. next() still returns what is left.
  virtual void end() = 0;

  /// Returns the next complete event, valid until the next call; null: feed more.
  /// Errors: upstream_bad_response (the bytes break the dialect's rules), upstream_error (the provider reports an
  /// error), upstream_too_large (an event beyond limits.event). After an error the decoder must not be used.
  virtual Result<const AnswerEvent*> next() = 0;

  /// Whether the provider's end marker has come. No events follow it.
  [[nodiscard]] virtual bool ended() const noexcept = 0;

  /// The event that tells a client of a broken stream, where it depends on what came before. Empty:
  /// ClientApi::error_event() has it.
  virtual std::string failure(std::string_view error_body) {
    static_cast<void>(error_body);
    return {};
  }
};

/// What can be done about a failure.
enum class Remedy : std::uint8_t {
  none,           ///< the request itself is at fault: tell the client
  anywhere,       ///< the same deployment again, or another
  elsewhere,      ///< another deployment only
  larger_window,  ///< another deployment with a larger context window only
};

class Dialect;

/// What a provider speaks besides its dialect, for clients that speak it, too.
struct SecondDialect {
  const Dialect* dialect = nullptr;  ///< null: nothing
  bool surely = false;               ///< else it is tried
};

/// Immutable and thread-safe.
class Dialect {
 public:
  virtual ~Dialect() = default;
  [[nodiscard]] virtual std::string_view name() const noexcept = 0;

  /// A deployment's requests and answers in this form are passed on; any other is translated, by way of
  /// `request.blocks`. It does not read `deployment.form`, which is what it returned on loading.
  [[nodiscard]] virtual WireForm form(const Deployment& deployment) const noexcept = 0;

  /// The one in which clients of the Responses API are answered, where this is not that one.
  [[nodiscard]] virtual SecondDialect second(const Provider& provider) const noexcept {
    static_cast<void>(provider);
    return {};
  }

  /// `client` supplies the header fields that may be forwarded; `now` is for signatures; `without` must not be added.
  /// The result's views point into `request.body`, `client`, `deployment`, `provider` and the result itself (move it,
  /// do not copy it). Error: why the request cannot be expressed in this dialect.
  [[nodiscard]] virtual Result<EncodedCall> encode(const ApiRequest& request, const RequestHead& client,
                                                   const Deployment& deployment, const Provider& provider,
                                                   std::chrono::system_clock::time_point now,
                                                   Additions without = 0) const = 0;

  /// A call that is passed through unread: same method, path below /v1, query and fields; the body comes from the
  /// client.
  [[nodiscard]] virtual EncodedCall pass_through(const RequestHead& client, const Provider& provider) const = 0;

  /// Whether an answer with this head is a stream of events, to be read by a decoder.
  [[nodiscard]] virtual bool is_stream(const ResponseHead& head) const noexcept = 0;

  /// For answers that are passed on. `event_bytes_max` bounds one event.
  [[nodiscard]] virtual std::unique_ptr<AnswerDecoder> decoder(const ApiRequest& request,
                                                               std::size_t event_bytes_max) const = 0;

  /// Reads a whole answer of status 2xx, followed by body_padding readable bytes, into `out`, which must be empty and
  /// whose views point into `body`. Of a truncated answer, `out` gets what can be read, but no usage. The error says
  /// why `body` is not an answer: an error in its place (upstream_error), a web page or nothing at all
  /// (upstream_bad_response).
  [[nodiscard]] virtual std::optional<Error> decode_whole(std::string_view content_type, std::string_view body,
                                                          AnswerEvent& out) const = 0;

  /// The two of them for answers that are translated.
  [[nodiscard]] virtual std::unique_ptr<BlockReader> block_reader(std::size_t event_bytes_max) const = 0;
  [[nodiscard]] virtual std::optional<Error> read_whole(std::string_view content_type, std::string_view body,
                                                        BlockAnswer& out) const = 0;

  /// What a reply of status 300 or above allows, judged by this provider's error codes and messages.
  [[nodiscard]] virtual Remedy classify(int status, std::string_view body) const noexcept = 0;

  /// How long a reply's body asks to wait, where the provider does not say it in a field.
  [[nodiscard]] virtual std::optional<std::chrono::seconds> retry_after(std::string_view body) const noexcept {
    static_cast<void>(body);
    return std::nullopt;
  }

  /// Which of what was `added` to a request a reply of status 400 and more refuses, in this provider's words.
  /// All of them, if it only says that something is unknown.
  [[nodiscard]] virtual Additions refused(int status, std::string_view body, Additions added) const noexcept = 0;
};

}  // namespace triage
