#pragma once
// The APIs that clients may speak. The list in clients.cpp is the only place to add one to.

#include "triage/client_api.hpp"

namespace triage {

/// Chat completions, completions and embeddings, as OpenAI's API reference has them.
const ClientApi& openai_client() noexcept;

/// Anthropic's Messages API.
const ClientApi& anthropic_client() noexcept;

/// OpenAI's Responses API.
const ClientApi& responses_client() noexcept;

/// Gemini's API (models.generateContent).
const ClientApi& gemini_client() noexcept;

/// The API of that form. api_paths in triage/request.hpp says which paths are in which.
const ClientApi& client_api(WireForm form) noexcept;
/// The one that a request with this head is for.
const ClientApi& client_at(const RequestHead& head) noexcept;
/// The one that a request is in the words of.
const ClientApi& client_of(const ApiRequest& request) noexcept;
/// A request free of its dialect. It is read when it is first asked for.
const Result<BlockRequest>& blocks_of(const ApiRequest& request);

}  // namespace triage
