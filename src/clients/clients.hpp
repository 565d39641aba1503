#pragma once
// The APIs that clients may speak. The list in clients.cpp is the only place to add one to.

#include "triage/client_api.hpp"

namespace triage {

/// Chat completions, completions and embeddings, as OpenAI's API reference has them.
const ClientApi& openai_client() noexcept;

/// The API that a call is part of. Which paths are which calls: api_paths of triage/request.hpp.
const ClientApi& client_api(Api api) noexcept;

}  // namespace triage
