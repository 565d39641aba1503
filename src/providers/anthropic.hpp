#pragma once
// The `anthropic` dialect: Anthropic's Messages API, and servers that speak it too. Facts are from Anthropic's API
// reference, version 2023-06-01.

#include "triage/dialect.hpp"

namespace triage {

const Dialect& anthropic_dialect() noexcept;

namespace anthropic {

/// See Dialect::decoder.
std::unique_ptr<AnswerDecoder> make_decoder(std::size_t event_bytes_max);

/// See Dialect::decode_whole.
std::optional<Error> decode_whole(std::string_view body, AnswerEvent& out);

}  // namespace anthropic

}  // namespace triage
