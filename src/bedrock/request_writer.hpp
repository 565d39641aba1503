#pragma once
// A conversation in the words of Amazon Bedrock's Converse (POST /model/ID/converse, /converse-stream). The model and
// whether it is a stream are in the path.

#include "bedrock/converse_words.hpp"
#include "triage/blocks.hpp"
#include "triage/spec.hpp"

#include <string>
#include <vector>

namespace triage::bedrock {

struct WrittenRequest {
  std::string body;
  std::vector<std::string> dropped;  ///< what is not said in it, by the client's names, each once
};

/// The same request gives the same bytes, in whatever order its members came. `deployment` says what its model takes:
/// max_output, thinking, sampling. Errors: invalid_value for a call without a result, or a result without a call;
/// untranslatable for an image, a document or audio of a type that Converse does not know.
Result<WrittenRequest> write_request(const BlockRequest& request, const Deployment& deployment,
                                     const ConverseWords& words);

}  // namespace triage::bedrock
