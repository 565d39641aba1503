#pragma once
// The `responses` dialect: OpenAI's Responses API. Deployments of the dialect `openai` are asked in it, too, where a
// client speaks it and the provider has it.

#include "triage/dialect.hpp"

namespace triage {

const Dialect& responses_dialect() noexcept;

namespace responses {

/// See Dialect::decoder.
std::unique_ptr<AnswerDecoder> make_decoder(const ApiRequest& request, std::size_t event_bytes_max);

/// See Dialect::decode_whole.
std::optional<Error> decode_whole(std::string_view body, AnswerEvent& out);

}  // namespace responses

}  // namespace triage
