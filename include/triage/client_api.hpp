#pragma once
// An API that clients speak: it reads their requests and writes answers and errors in their format. To add one: a file
// in src/clients, a line in its list, a test.

#include "triage/answer.hpp"
#include "triage/blocks.hpp"
#include "triage/dialect.hpp"
#include "triage/error.hpp"
#include "triage/request.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace triage {

/// Immutable and thread-safe.
class ClientApi {
 public:
  virtual ~ClientApi() = default;
  [[nodiscard]] virtual std::string_view name() const noexcept = 0;

  /// Checks all of `body` and notes where its members are. `head` is for APIs whose path says something, too. `body` is
  /// followed by body_padding readable bytes and must outlive the result. Errors: invalid_json, json_too_deep,
  /// invalid_value, missing_parameter.
  [[nodiscard]] virtual Result<ApiRequest> parse(Api api, const RequestHead& head, std::string_view body,
                                                 std::uint32_t depth_max) const = 0;

  /// The request free of this API's words, for providers that do not speak it. Views point into the request's body.
  /// Error: invalid_value for what cannot be read.
  [[nodiscard]] virtual Result<BlockRequest> blocks(const ApiRequest& request) const = 0;

  /// Turns the answer of a provider that does not speak this API into events whose bytes are the client's.
  [[nodiscard]] virtual std::unique_ptr<AnswerDecoder> translated(std::unique_ptr<BlockReader> answer,
                                                                  const ApiRequest& request) const = 0;
  /// The same for a whole answer. `out` is empty; its views point into itself.
  virtual void translate_whole(BlockAnswer answer, const ApiRequest& request, AnswerEvent& out) const = 0;

  /// Appends `event` in the client's format: the provider's own bytes where both speak the same API.
  virtual void add_event(const AnswerEvent& event, std::string& out) const = 0;

  /// The bytes that end a stream whose answer is complete.
  [[nodiscard]] virtual std::string_view stream_end() const noexcept = 0;

  /// The bytes that fill a silent stream and mean nothing: a comment, unless the API has a word of its own. One line
  /// end, so that clients that make an event of each empty line are not told of one.
  [[nodiscard]] virtual std::string_view keep_alive() const noexcept { return ": keep-alive\n"; }

  /// The media type of a stream.
  [[nodiscard]] virtual std::string_view stream_type(const ApiRequest& request) const noexcept {
    static_cast<void>(request);
    return "text/event-stream; charset=utf-8";
  }

  /// Turns a whole answer into the events of a stream, without stream_end(), for a client that asked for a stream.
  /// Empty: `body` cannot be streamed.
  [[nodiscard]] virtual std::string as_stream(const ApiRequest& request, std::string_view body) const = 0;

  /// The body of an error reply.
  [[nodiscard]] virtual std::string error_body(const Error& error) const = 0;

  /// The body of a provider's error reply in this API's form, of one in OpenAI's form.
  [[nodiscard]] virtual std::string reply_body(int status, std::string body) const = 0;

  /// Wraps an error's body as the last event of a stream.
  [[nodiscard]] virtual std::string error_event(std::string_view error_body) const = 0;
};

}  // namespace triage
