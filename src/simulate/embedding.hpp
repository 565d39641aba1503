#pragma once
// Embeddings without a model: each word of a text adds to eight components of a vector, chosen by a hash, and the whole
// text a little to all of them. The vectors have unit length, are the same for the same text, and close for texts that
// share words.

#include "simulate/question.hpp"
#include "simulate/spec.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace triage::simulate {

/// `dimensions` > 0. Euclidean length 1.
std::vector<float> embed(std::string_view text, std::size_t dimensions, std::uint64_t chance);

/// The whole body of the response.
std::string embedding_text(const EmbeddingQuestion& question, const ModelSpec& model, std::uint64_t seed);

/// RFC 4648, 4, with padding.
void append_base64(std::string& out, std::string_view bytes);

}  // namespace triage::simulate
