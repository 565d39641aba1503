#pragma once
// The readers of the formats: each fills a draft from a file, and says why some values have no counterpart.

#include "import/draft.hpp"

namespace triage::imports {

void read_litellm(const Item& root, Draft& draft);
std::vector<Reason> litellm_reasons();

void read_portkey(const Item& root, Draft& draft);
std::vector<Reason> portkey_reasons();

void read_tensorzero(const Item& root, Draft& draft);
std::vector<Reason> tensorzero_reasons();

void read_vllm_sr(const Item& root, Draft& draft);
std::vector<Reason> vllm_sr_reasons();

void read_bifrost(const Item& root, Draft& draft);
std::vector<Reason> bifrost_reasons();

void read_agentgateway(const Item& root, Draft& draft);
std::vector<Reason> agentgateway_reasons();

}  // namespace triage::imports
