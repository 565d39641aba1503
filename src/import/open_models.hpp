#pragma once
// Entries that take any model of a provider, where a deployment of Triage has one: those of the price table become
// deployments, each with the name that clients have for it.

#include "import/draft.hpp"

namespace triage::imports {

struct OpenModels {
  std::string asked;                   ///< what clients name, with at most one `*`
  std::string model;                   ///< what the provider is asked for, with the same `*`
  std::vector<std::string> providers;  ///< names; several share the requests
  std::vector<double> weights;         ///< of the providers; empty: equal
  const Vendor* vendor = nullptr;
  Members timeouts;
  Members retry;
};

/// Names in `taken` have a route already. A provider that the price table does not know gets one deployment, whose
/// model is a variable.
void add_open_models(const OpenModels& open, Draft& draft, const std::set<std::string>& taken = {});

/// Where a file names no provider at all: one whose address, key and model are variables.
void add_unnamed_provider(Draft& draft, const std::string& why);

}  // namespace triage::imports
