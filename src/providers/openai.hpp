#pragma once
// The `openai` dialect: every server that speaks OpenAI's API (OpenAI, vLLM, Ollama, llama.cpp, Groq, xAI, Mistral,
// DeepSeek, ...). The client's bytes are forwarded; only the model's name, stream_options and the fields change.

#include "providers/fields.hpp"
#include "triage/dialect.hpp"

namespace triage {

const Dialect& openai_dialect() noexcept;

namespace openai {

/// The head of a call to a server with OpenAI's keys: see add_fields().
void add_call_fields(EncodedCall& call, const RequestHead& client, const Provider& provider, Forwarded forwarded);

/// See Dialect::is_stream: server-sent events.
bool is_stream(const ResponseHead& head) noexcept;

/// An upstream_error with `what`, and with the provider's own message from `json`, if it has one. `status`: the HTTP
/// status that the error names; 0: none.
Error reported_error(std::string what, std::string_view json, int status);

/// See Dialect::decode_whole.
std::optional<Error> decode_whole(std::string_view content_type, std::string_view body, AnswerEvent& out);

/// See Dialect::decoder.
std::unique_ptr<AnswerDecoder> make_decoder(std::size_t event_bytes_max);

/// See Dialect::block_reader and Dialect::read_whole.
std::unique_ptr<BlockReader> make_block_reader(std::size_t event_bytes_max);
std::optional<Error> read_whole(std::string_view content_type, std::string_view body, BlockAnswer& out);

/// Whether an error's body says that the provider does not know the gateway's key, in any dialect's words.
bool says_key(std::string_view body) noexcept;

/// See Dialect::classify.
Remedy classify(int status, std::string_view body) noexcept;

/// See Dialect::refused.
Additions refused(int status, std::string_view body, Additions added) noexcept;

}  // namespace openai
}  // namespace triage
