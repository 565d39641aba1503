#pragma once
// A conversation in the words of Gemini's API (models.generateContent, of the Gemini API and of Vertex AI).

#include "triage/blocks.hpp"
#include "triage/spec.hpp"

#include <string>
#include <vector>

namespace triage::gemini {

struct WrittenRequest {
  std::string body;
  std::vector<std::string> dropped;  ///< what is not said in it, by the client's names, each once
};

/// The same request gives the same bytes, in whatever order its members came. The model, and whether for a stream, are
/// in the path. Later system turns are the user's, in place, marked; turns of one role are joined; a turn's results are
/// a content of their own, in the order of the calls. `deployment` says what its model takes: max_output, thinking,
/// sampling, quirks. Error: invalid_value for a call without a result, or a result without a call.
Result<WrittenRequest> write_request(const BlockRequest& request, const Deployment& deployment);

}  // namespace triage::gemini
