#pragma once
// The `gemini` dialect: Google's Gemini API, and servers that speak it too. Facts are from Google's API reference,
// models.generateContent.

#include "triage/dialect.hpp"

#include <string>
#include <string_view>

namespace triage {

const Dialect& gemini_dialect() noexcept;

namespace gemini {

/// See Dialect::decoder and Dialect::decode_whole. Vertex AI answers alike.
std::unique_ptr<AnswerDecoder> make_decoder(std::size_t event_bytes_max);
std::optional<Error> decode_whole(std::string_view body, AnswerEvent& out);

/// See Dialect::retry_after: {"error":{"details":[{"retryDelay":"34s"}]}}
std::optional<std::chrono::seconds> retry_after(std::string_view body) noexcept;

/// The query of a call in this form that is passed on: the client's, without its key.
std::string query_without_key(std::string_view query);

/// Makes the client's bytes the body of `call`. A model that they name becomes `model`.
void add_own_body(EncodedCall& call, const ApiRequest& request, std::string_view model);

}  // namespace gemini

}  // namespace triage
