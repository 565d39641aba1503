#include "import/clouds.hpp"

#include <utility>

namespace triage::imports {
namespace {

void add(Members& members, const char* name, std::string value) {
  members.emplace_back(name, std::move(value));
}

/// A part of a host's name, whose variable must hold one for the check.
std::string host_part(const Item& item, std::string_view variable, std::string_view example, Draft& draft) {
  if (!item) return yaml_text(draft.variable(variable, example));
  if (const auto name = variable_of(item.peek())) draft.config.variables[*name] = example;
  return draft.value(item);
}

std::string secret_or(const Item& item, std::string_view variable, const NotesPtr& notes, Draft& draft) {
  return item ? draft.secret(item, variable, notes) : yaml_text(draft.variable(variable));
}

/// An address, or the name of a resource.
std::string azure_address(const Item& item, std::string_view behind, Draft& draft) {
  const std::string& text = item.peek();
  const bool resource = !variable_of(text) && text.find_first_of(".:/") == std::string::npos;
  if (!resource) return draft.url(item, behind);
  return yaml_text("https://" + item.text() + ".openai.azure.com" + std::string(behind));
}

Members azure(const Vendor& vendor, std::string_view model, const CloudItems& items, const NotesPtr& notes,
              Draft& draft) {
  const bool foundry = vendor.name == "azure_ai";
  const bool claude = foundry && model.starts_with("claude");
  const std::string_view behind = claude ? "/anthropic" : "";
  const std::string own = foundry ? "AZURE_AI_API" : "AZURE_API";
  Members out{{"dialect", claude ? "anthropic" : "azure"}};
  add(out, "base_url",
      items.base_url ? azure_address(items.base_url, behind, draft)
                     : yaml_text(draft.variable(own + "_BASE", "https://azure.invalid") + std::string(behind)));
  if (items.api_version && !claude) add(out, "api_version", draft.value(items.api_version));
  add(out, "api_key", secret_or(items.api_key, own + "_KEY", notes, draft));
  return out;
}

Members bedrock(const CloudItems& items, const NotesPtr& notes, Draft& draft) {
  Members out{{"dialect", "bedrock"}};
  const std::string region = host_part(items.region, "AWS_REGION", "us-east-1", draft);
  if (items.base_url) add(out, "base_url", draft.url(items.base_url));
  add(out, "region", region);
  if (items.api_key) {
    add(out, "api_key", draft.secret(items.api_key, "AWS_BEARER_TOKEN_BEDROCK", notes));
    return out;
  }
  add(out, "access_key_id", secret_or(items.access_key_id, "AWS_ACCESS_KEY_ID", notes, draft));
  add(out, "secret_access_key", secret_or(items.secret_access_key, "AWS_SECRET_ACCESS_KEY", notes, draft));
  if (items.session_token) add(out, "session_token", draft.secret(items.session_token, "AWS_SESSION_TOKEN", notes));
  return out;
}

Members vertex(const CloudItems& items, const NotesPtr& notes, Draft& draft) {
  Members out{{"dialect", "vertex"}};
  const std::string location = host_part(items.location, "VERTEXAI_LOCATION", "global", draft);
  if (items.base_url) add(out, "base_url", draft.url(items.base_url));
  add(out, "location", location);
  add(out, "project", items.project ? draft.value(items.project) : yaml_text(draft.variable("VERTEXAI_PROJECT")));
  std::string file = yaml_text(draft.variable("GOOGLE_APPLICATION_CREDENTIALS", a_file));
  if (items.credentials) {
    const std::string& given = items.credentials.peek();
    if (const auto name = variable_of(given)) {
      draft.config.variables[*name] = a_file;
      file = draft.value(items.credentials);
      notes->push_back(items.credentials.path() + ": " + *name + " must be the name of the credentials' file");
    } else if (given.starts_with('/')) {
      file = draft.value(items.credentials);
    }
  }
  add(out, "credentials", yaml_map({{"file", file}}));
  return out;
}

}  // namespace

bool is_cloud(const Vendor& vendor) {
  return vendor.dialect == "azure" || vendor.dialect == "bedrock" || vendor.dialect == "vertex";
}

ImportedProvider& cloud_provider(const Vendor& vendor, std::string_view model, const CloudItems& items,
                                 const NotesPtr& notes, Draft& draft) {
  if (vendor.dialect == "azure") return draft.provider(vendor.name, azure(vendor, model, items, notes, draft));
  if (vendor.dialect == "bedrock") return draft.provider(vendor.name, bedrock(items, notes, draft));
  return draft.provider(vendor.name, vertex(items, notes, draft));
}

}  // namespace triage::imports
