#pragma once
// A conversation of another dialect as a chat request: what routers and verifiers see of it, and what a provider that
// speaks chat completions is sent.

#include "triage/blocks.hpp"
#include "triage/spec.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace triage::openai {

/// What routers and verifiers see. The same request gives the same bytes, in whatever order its members came. Results
/// become messages of the role `tool`; images and files in them follow as the user's. Thoughts are left out.
std::string write_chat(const BlockRequest& request, std::string_view model);

struct WrittenChat {
  std::string body;
  std::vector<std::string> dropped;  ///< what the model cannot be told, by the client's names
};

/// What a provider is sent: the same, in the words that the deployment's model takes, as its quirks, `thinking` and
/// `sampling` say. `usage`: a stream is to end with it.
WrittenChat write_chat_for(const BlockRequest& request, const Deployment& deployment, bool usage);

}  // namespace triage::openai
