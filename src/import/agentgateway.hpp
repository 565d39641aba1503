#pragma once
// What both kinds of agentgateway's configuration share.

#include "base/ascii.hpp"
#include "import/clouds.hpp"

namespace triage::imports {

/// Who is asked.
struct AgentTarget {
  std::string provider;  ///< of the draft; empty: Triage cannot ask it
  const Vendor* vendor = nullptr;
};

/// Where the address and the key are.
struct AgentAddress {
  Item params;  ///< apiKey, baseUrl, awsRegion ...
  Item key;     ///< instead of apiKey
  Item host;    ///< instead of baseUrl; without a path
};

/// `provider` is a word, {openAI: ...} or the name of one of `providers`.
AgentTarget agent_target(const Item& provider, AgentAddress address, const Item& providers, const NotesPtr& notes,
                         Draft& draft);

/// binds: [{port, listeners: [{routes: [{matches, policies, backends: [{ai: ...}]}]}]}]
void read_agentgateway_binds(const Item& binds, Draft& draft);

}  // namespace triage::imports
