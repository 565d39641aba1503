#pragma once
// The `vertex` dialect: models at Google's Vertex AI. Whose model it is decides what it is asked in: Google's in
// Gemini's words, Anthropic's in theirs, all others in chat completions.

#include "triage/dialect.hpp"

#include <string_view>

namespace triage {

/// That of Google's own models.
const Dialect& vertex_dialect() noexcept;
/// That of this deployment's model.
const Dialect& vertex_dialect(const Deployment& deployment) noexcept;

namespace vertex {

struct Model {
  std::string_view publisher;  ///< google, if nothing says otherwise
  std::string_view name;
};

/// `publisher` of the deployment, or what stands before a slash in its `model`.
Model model_of(const Deployment& deployment) noexcept;

}  // namespace vertex
}  // namespace triage
