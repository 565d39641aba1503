#pragma once
// A text as a vector: what is asked of /v1/embeddings, and what comes back (OpenAI's API reference, "Embeddings").

#include <string>
#include <string_view>
#include <vector>

namespace triage {

/// A body that asks for the vector of `text`; its model is named when it is sent.
std::string embedding_body(std::string_view text);

/// The first vector of an answer, body_padding readable bytes behind. Empty: there is none, or it is no list of
/// numbers.
std::vector<float> read_embedding(std::string_view json);

}  // namespace triage
