#pragma once
// Embeddings: what is asked of /v1/embeddings, and what comes back (OpenAI's API reference, "Embeddings").

#include <string>
#include <string_view>
#include <vector>

namespace triage {

/// A body that asks for the embedding of `text`. The model is filled in when it is sent.
std::string embedding_body(std::string_view text);

/// The first vector of an answer, which must be followed by body_padding readable bytes. Empty: there is none, or it is
/// not a list of numbers.
std::vector<float> read_embedding(std::string_view json);

}  // namespace triage
