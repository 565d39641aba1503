#pragma once
// A conversation in the words of OpenAI's Responses API (POST /v1/responses), which is asked to keep nothing.

#include "triage/blocks.hpp"
#include "triage/spec.hpp"

#include <string>
#include <vector>

namespace triage::responses {

struct WrittenRequest {
  std::string body;
  std::vector<std::string> dropped;  ///< what is not said in it, by the client's names, each once
};

/// The same request gives the same bytes, in whatever order its members came. Leading system turns become
/// `instructions`; later ones stay in place. Thoughts go along if they are signed and something follows them in their
/// turn: they are refused otherwise. `deployment` says what its model takes: thinking, sampling.
/// Error: invalid_value for a call without a result, or a result without a call.
Result<WrittenRequest> write_request(const BlockRequest& request, const Deployment& deployment);

}  // namespace triage::responses
