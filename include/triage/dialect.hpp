#pragma once
// A provider's dialect: pure translation between the OpenAI API that clients speak and what a provider speaks.
// Adding one: a file in src/providers, a line in its list, a test.

#include "triage/error.hpp"
#include "triage/message.hpp"
#include "triage/request.hpp"
#include "triage/spec.hpp"
#include "triage/upstream.hpp"

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

  std::string_view keep(std::string text) { return owned.emplace_front(std::move(text)); }
};

/// Reads the events of one streamed answer.
class StreamDecoder {
 public:
  enum class Act : std::uint8_t { forward, drop, done };

  virtual ~StreamDecoder() = default;

  /// One event's data (its lines joined by '\n'), body_padding readable bytes behind.
  /// `forward`: send the event on as it came. `done`: the provider's end marker.
  /// Errors: upstream_bad_response (not what the dialect promises), upstream_error (the provider reports an error).
  virtual Result<Act> on_event(std::string_view data) = 0;

  /// True once every choice has said why it finished: what was sent so far is a whole answer.
  [[nodiscard]] virtual bool complete() const noexcept = 0;

  [[nodiscard]] virtual const std::optional<Usage>& usage() const noexcept = 0;

  /// Tokens of the output so far, estimated from its text: for a stream that ends without usage.
  [[nodiscard]] virtual std::int64_t output_estimate() const noexcept = 0;

  /// The last one seen, of any choice; empty before. Valid until the next event.
  [[nodiscard]] virtual std::string_view finish_reason() const noexcept = 0;
};

/// What a whole answer says besides its text.
struct AnswerReport {
  std::optional<Usage> usage;        ///< absent: it reports none
  std::string finish_reason;         ///< of the last choice that has one; empty: none
  std::int64_t output_estimate = 0;  ///< tokens of the output, estimated; only if there is no usage
  /// Why it is none: an error in place of an answer (upstream_error), a web page, nothing at all
  /// (upstream_bad_response).
  std::optional<Error> defect{};
};

class Dialect {
 public:
  virtual ~Dialect() = default;
  [[nodiscard]] virtual std::string_view name() const noexcept = 0;

  /// `client` gives the fields that may travel on. The result's views point into `request.body`, `client`,
  /// `deployment`, `provider` and the result itself (move it, do not copy it).
  [[nodiscard]] virtual EncodedCall encode(const ApiRequest& request, const RequestHead& client,
                                           const Deployment& deployment, const Provider& provider) const = 0;

  /// A call that passes through unread: same method, path below /v1, query and fields; the body comes from the client.
  [[nodiscard]] virtual EncodedCall pass_through(const RequestHead& client, const Provider& provider) const = 0;

  /// What a whole answer of status 2xx says of itself; body_padding readable bytes behind. One that is cut off, or no
  /// JSON, reports no usage: what it holds is estimated.
  [[nodiscard]] virtual AnswerReport report(std::string_view content_type, std::string_view body) const = 0;

  [[nodiscard]] virtual std::unique_ptr<StreamDecoder> stream_decoder(const ApiRequest& request) const = 0;
};

}  // namespace triage
