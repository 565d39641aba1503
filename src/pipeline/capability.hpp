#pragma once
// What a request needs of a deployment, and whether the deployment has it. Pure.
//
// `capabilities` that are not written in the configuration are not known; a context window that is not known counts as
// large enough. Tokens are estimates: within 15 % of the window nothing is certain.

#include "triage/chat_view.hpp"
#include "triage/spec.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace triage {

struct Needs {
  std::int64_t tokens = 0;         ///< of the prompt, estimated; 0: not limited
  std::int64_t max_tokens = 0;     ///< of the answer, as the client asks for; 0: as many as there are
  std::uint32_t capabilities = 0;  ///< bits by Capability
};

/// `window_least`: the smallest context window that it is to be held against, if there is one. The tokens are not even
/// estimated where the body's bytes would fit: no token is shorter than a byte.
Needs needs_of(const ApiRequest& request, const ChatView& view, std::optional<std::int64_t> window_least);

/// In this order: the more the better.
enum class Fit : std::uint8_t { cannot, unknown, can };

Fit fit(const Deployment& deployment, const Needs& needs) noexcept;

/// The capabilities that are needed and that `deployment` says it has not, as bits.
std::uint32_t lacking(const Deployment& deployment, const Needs& needs) noexcept;
bool too_small(const Deployment& deployment, const Needs& needs) noexcept;
/// Whether its window is known and large enough however the tokens are counted.
bool holds_surely(const Deployment& deployment, const Needs& needs) noexcept;

/// "tools, images"
std::string names_of(std::uint32_t capabilities);

/// "stream_options, logprobs"
std::string names_of_additions(Additions additions);

/// The 400 for a request that none of `deployments` can take: what is missing. `where` names the route or deployment.
/// Codes: context_length_exceeded if the window is all, else capability_missing.
Error incapable(const std::vector<const Deployment*>& deployments, const Needs& needs, const std::string& where);

}  // namespace triage
