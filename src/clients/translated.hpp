#pragma once
// What clients have in common where a dialect answers that is not theirs: it is written from block events. The requests
// of APIs other than chat completions are read into blocks.

#include "triage/client_api.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace triage {

/// How much deeper than the client's own body a chat completion that says the same may be nested.
inline constexpr std::uint32_t depth_added = 4;

/// What a client reads is UTF-8; the texts of an answer are as the provider sent them, byte by byte. Other bytes become
/// U+FFFD.
void make_utf8(std::string& written);

/// Gives `text` its padding. The result views the text in front of it.
std::string_view pad(std::string& text);

/// The request that says `blocks` to `model`. `body` is the client's, `model_value` where it names the model, empty if
/// it does not. `depth_max` is the client's limit, `array` as in OriginalRequest. Errors: as ClientApi::parse().
Result<ApiRequest> translated_request(WireForm form, std::string_view body, std::string_view model, Span model_value,
                                      BlockRequest blocks, std::uint32_t depth_max, bool array = false);

/// Writes the events of one streamed answer in an API's format.
class AnswerWriter {
 public:
  virtual ~AnswerWriter() = default;
  /// Appends what the client is told of `event`; nothing if it has to wait.
  virtual void put(const BlockEvent& event, std::string& out) = 0;
  /// See AnswerDecoder::failure().
  virtual std::string failure(std::string_view error_body) {
    static_cast<void>(error_body);
    return {};
  }
  /// Appends what waited, without the bytes of ClientApi::stream_end().
  virtual void end(std::string& out) = 0;
};

/// See ClientApi::translated().
std::unique_ptr<AnswerDecoder> translated_stream(std::unique_ptr<BlockReader> answer,
                                                 std::unique_ptr<AnswerWriter> writer);

/// See ClientApi::as_stream(), of an answer that was read.
std::string stream_of(const BlockAnswer& answer, AnswerWriter& writer);

/// Fills `out`, which is empty, with a whole answer whose text for the client is `written`.
void fill_translated(BlockAnswer answer, std::string written, AnswerEvent& out);

/// What an error's body in OpenAI's form says.
struct ReportedError {
  std::string type;
  std::string message;
};
ReportedError reported_in(std::string openai_body);

}  // namespace triage
