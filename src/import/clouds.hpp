#pragma once
// Providers that are no single address: Azure, Bedrock, Vertex. Every gateway has the same facts under other names.

#include "import/draft.hpp"

namespace triage::imports {

/// Where a format says them; what is absent becomes a variable.
struct CloudItems {
  Item base_url;
  Item api_key;
  Item api_version;
  Item region;
  Item access_key_id;
  Item secret_access_key;
  Item session_token;
  Item project;
  Item location;
  Item credentials;  ///< a file of Google's
};

/// Whether `vendor` is one of them.
bool is_cloud(const Vendor& vendor);

/// The provider for `model` there: Claude in Azure's Foundry is asked as Anthropic is.
ImportedProvider& cloud_provider(const Vendor& vendor, std::string_view model, const CloudItems& items,
                                 const NotesPtr& notes, Draft& draft);

}  // namespace triage::imports
