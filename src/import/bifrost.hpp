#pragma once
// What a Bifrost gateway sells, by PROVIDER/MODEL, until its routes are written.

#include "import/draft.hpp"

namespace triage::imports {

class Sold {
 public:
  struct Calls {
    Members timeouts;
    Members retry;
  };
  struct Key {
    std::string provider;  ///< of the draft
    double weight = 1;
    std::vector<std::string> models;                               ///< that it is for; empty: all
    std::vector<std::pair<std::string, std::string>> deployments;  ///< model -> what the provider calls it
  };

  explicit Sold(Draft& draft) : draft_(draft) {}

  void add(const std::string& name, const Vendor& vendor, Key key, const Calls& calls);
  /// The models of a provider that is named in a rule; one that the file has not gets its usual address and variable.
  std::vector<std::string> models_of(const std::string& name);
  /// The deployments of a model there, with their weights; none: the provider is not known, or has no key for it.
  ImportedTier tier_of(const std::string& tier, const std::string& name, const std::string& model);
  /// What is asked for as PROVIDER/MODEL.
  void write();

 private:
  struct Provider {
    std::string name;
    const Vendor* vendor = nullptr;
    std::vector<Key> keys;
    Calls calls;
  };
  Provider* find(const std::string& name);
  void write_models(const Provider& provider, const std::vector<std::string>& models);

  Draft& draft_;
  std::vector<Provider> providers_;
};

/// A route, or several where it keeps the model that the client names.
void read_bifrost_rule(const Item& rule, Sold& sold, Draft& draft);

}  // namespace triage::imports
