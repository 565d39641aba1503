#pragma once
// The `openai` dialect: every server that speaks OpenAI's API (OpenAI, vLLM, Ollama, llama.cpp, Groq, xAI, Mistral,
// DeepSeek, ...). The client's bytes travel on; only the model's name, stream_options and the fields change.

#include "triage/dialect.hpp"

#include <optional>
#include <vector>

namespace triage {

class JsonReader;

const Dialect& openai_dialect() noexcept;

namespace openai {

/// The client's fields that may travel on, then the provider's credentials and headers. Views into `client`, `provider`
/// and `call.owned`. `fixed_json`: the body is JSON and nothing else, and the answer must not be compressed.
void add_fields(EncodedCall& call, const RequestHead& client, const Provider& provider, bool fixed_json);

/// Consumes the value of a `usage` member; nullopt for null, whatever else is no object, and an object without any
/// count. Unknown keys are ignored.
std::optional<Usage> read_usage(JsonReader& in);

/// See Dialect::report.
AnswerReport read_answer(std::string_view content_type, std::string_view body);

/// Longer ones are cut.
inline constexpr std::size_t finish_reason_max = 64;

std::unique_ptr<StreamDecoder> make_stream_decoder(const ApiRequest& request);

}  // namespace openai
}  // namespace triage
