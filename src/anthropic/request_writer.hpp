#pragma once
// A conversation in the words of Anthropic's Messages API (POST /v1/messages, version 2023-06-01).

#include "triage/blocks.hpp"
#include "triage/spec.hpp"

#include <string>
#include <vector>

namespace triage::anthropic {

struct WrittenRequest {
  std::string body;
  std::vector<std::string> dropped;  ///< what is not said in it, by the client's names, each once
};

/// The same request gives the same bytes, in whatever order its members came, so that the provider's cache is found.
/// Leading system turns become `system`; later ones are the user's, in place, marked. Turns of one role are joined, a
/// turn's results first. `deployment` says what its model takes: max_output, thinking, sampling.
/// Error: invalid_value for a call without a result, or a result without a call.
Result<WrittenRequest> write_request(const BlockRequest& request, const Deployment& deployment);

}  // namespace triage::anthropic
