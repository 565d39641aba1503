#pragma once
// Quirks of a server or model in a request that is passed on, because the client speaks its dialect: the client's bytes
// with other words in some places.

#include "triage/request.hpp"
#include "triage/spec.hpp"

#include <string>
#include <vector>

namespace triage::openai {

/// Replaces a span of the body; an empty span inserts.
struct QuirkEdit {
  Span span;
  std::string text;
};

struct OwnQuirks {
  std::vector<QuirkEdit> edits;      ///< in no order; none overlap
  std::vector<std::string> dropped;  ///< the members that are left out
};

/// What `deployment` needs to be told otherwise than `request`, a chat completion, says it.
OwnQuirks own_quirks(const ApiRequest& request, const Deployment& deployment);

}  // namespace triage::openai
