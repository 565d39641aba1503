#pragma once
// What a request needs of a deployment, and whether the deployment has it. Pure.
//
// `capabilities` that the configuration does not state are unknown; an unknown context window counts as large enough.
// Token counts are estimates, so nothing is certain within 15 % of the window.

#include "triage/chat_view.hpp"
#include "triage/spec.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace triage {

struct Needs {
  std::int64_t tokens = 0;               ///< of the prompt, estimated; 0: no limit applies
  std::int64_t max_tokens = 0;           ///< of the answer, as the client asks; 0: no limit given
  std::uint32_t capabilities = 0;        ///< one bit for each Capability
  WireForm form = WireForm::openai;      ///< of the request
  RequestFields fields = 0;              ///< what it says that not every dialect can
  std::optional<Error> unreadable = {};  ///< why it cannot be translated at all
};

/// `window_least` is the smallest context window to compare with, if any. Tokens are not even estimated if the body's
/// size in bytes fits, because no token is shorter than a byte. `translates`: some of those that may be asked speak
/// another dialect.
Needs needs_of(const ApiRequest& request, const ChatView& view, std::optional<std::int64_t> window_least,
               bool translates = false);

/// Higher is better.
enum class Fit : std::uint8_t { cannot, unknown, can };

Fit fit(const Deployment& deployment, const Needs& needs) noexcept;
/// Whether all deployments can whose windows are at least that large, as is known without a look at them.
bool all_can(const Needs& needs, std::optional<std::int64_t> window_least) noexcept;

/// The needed capabilities that `deployment` is known to lack, as bits.
std::uint32_t lacking(const Deployment& deployment, const Needs& needs) noexcept;
/// Whether it speaks another dialect, in which the request cannot be put.
bool untranslatable(const Deployment& deployment, const Needs& needs) noexcept;
/// Why it cannot: "the provider 'x' speaks anthropic, which has no word for n; ask once for each answer".
Error untranslatable_error(const Deployment& deployment, const Needs& needs);
bool too_small(const Deployment& deployment, const Needs& needs) noexcept;
/// Whether its window is known and large enough however the tokens are counted.
bool holds_surely(const Deployment& deployment, const Needs& needs) noexcept;

/// "tools, images"
std::string names_of(std::uint32_t capabilities);

/// "stream_options, logprobs"
std::string names_of_additions(Additions additions);

/// The 400 for a request that none of `deployments` can take, saying what is missing. `where` names the route or
/// deployment.
/// Codes: context_length_exceeded if only the window is too small, untranslatable if one only lacks the words for it,
/// else capability_missing. A request that cannot be read has an error of its own.
Error incapable(const std::vector<const Deployment*>& deployments, const Needs& needs, const std::string& where);

}  // namespace triage
