#pragma once
// Who sells models, under the names that other gateways have for them, and how Triage asks them.

#include <string>
#include <string_view>
#include <vector>

namespace triage::imports {

struct Vendor {
  std::string_view name;      ///< of the provider here; prices are found by it
  std::string_view dialect;   ///< empty: Triage has none for it
  std::string_view base_url;  ///< empty: it has no address of its own, such as Azure
  std::string_view variable;  ///< where its key is by custom
};

/// By any gateway's name for it, in any case, with `-` or `_`; nullptr: not known.
const Vendor* find_vendor(std::string_view name);

/// By the name that the price table has for a model's maker; nullptr: the model, or its maker, is not known.
const Vendor* vendor_of_model(std::string_view model);

/// The models of the price table that it sells, as it calls them.
std::vector<std::string> listed_models(const Vendor& vendor);

}  // namespace triage::imports
