#pragma once
// The vectors of a file of prompts: those that are kept beside it, and those that the encoder is asked for.

#include "config/load.hpp"
#include "routing/similarity.hpp"
#include "similarity/vector_file.hpp"

#include <span>
#include <string>

namespace triage {

/// A router `similarity`, as configured.
struct SimilarityRouter {
  const RouteSpec* route = nullptr;
  std::size_t index = 0;  ///< in the route's chain
  const SimilarityRouterSpec* spec = nullptr;
};

/// The routers of that kind in `route`. Throws UsageError if there is no such route, or none in it.
std::vector<SimilarityRouter> similarity_routers(const ConfigSpec& spec, const std::string& route);

/// The vectors of `file`'s `rows`, all of them: of the file beside it, and of the encoder, which it asks for those that
/// are missing and keeps in that file. What that takes and costs is told on stderr; what was kept before a failure
/// stays. Rows with a vector of their own are passed over. Throws std::runtime_error.
similarity::VectorFile complete_vectors(const Loaded& loaded, const SimilarityRouterSpec& spec, const std::string& file,
                                        std::span<const similarity::Row* const> rows);

}  // namespace triage
