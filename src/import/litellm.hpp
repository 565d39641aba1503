#pragma once
// LiteLLM's proxy: model_list, router_settings, litellm_settings, general_settings
// (docs.litellm.ai/docs/proxy/configs).
//
//   model_name ("what clients ask for")      route with that name in match.models
//   its entries of model_list                deployments of the route's first tier, by weight, rpm or tpm
//   fallbacks                                the tiers above it
//   model_name: "anthropic/*"                a deployment for each model of the price table
//   auto_router/...                          a route with a tier for each of its models

#include "import/draft.hpp"
#include "import/readers.hpp"

#include <deque>

namespace triage::imports {

struct LitellmMember {
  std::string deployment;
  Item entry;  ///< of model_list
};

struct LitellmGroup {
  std::string name;
  std::vector<LitellmMember> members;
  Item router;  ///< the entry of an auto_router; absent: a group of deployments
};

struct LitellmWildcard {
  std::string asked;  ///< model_name, with one `*`
  std::string model;  ///< as the provider calls it, with one `*` or none
  std::string provider;
  const Vendor* vendor = nullptr;
  NotesPtr notes;
};

struct LitellmModels {
  std::deque<LitellmGroup> groups;
  std::vector<LitellmWildcard> wildcards;

  [[nodiscard]] LitellmGroup* find(std::string_view name);
  /// The same, or one that a wildcard makes for this name; nullptr: neither.
  LitellmGroup* find_or_make(const std::string& name, Draft& draft);
};

/// Makes providers and deployments of model_list.
LitellmModels read_litellm_models(const Item& list, Draft& draft);

}  // namespace triage::imports
