// Bifrost (docs.getbifrost.ai): providers with keys; clients ask for PROVIDER/MODEL.
//
//   providers.P.keys          a provider for each key; a model that several have is a tier, by their weights
//   key.models                its models; without them those of the price table
//   network_config            timeouts and retries of the routes, base_url, headers
//   governance.virtual_keys   keys, by their hashes
//   governance.routing_rules  routes, as far as their expressions look at model, headers, key and kind of request
#include "import/bifrost.hpp"

#include "import/clouds.hpp"
#include "import/readers.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace triage::imports {
namespace {

class Bifrost {
 public:
  Bifrost(const Item& root, Draft& draft) : root_(root), draft_(draft), sold_(draft) {}

  void read() {
    read_client();
    read_virtual_keys();
    for (const Item& provider : root_["providers"].items()) read_provider(provider);
    for (const Item& rule : rules()) read_bifrost_rule(rule, sold_, draft_);
    sold_.write();
  }

 private:
  void read_client() {
    const Item client = root_["client"];
    draft_.listen(8080);
    if (const Item origins = client["allowed_origins"]; origins && !origins.texts().empty())
      draft_.listen_more.emplace_back("cors", yaml_map({{"origins", yaml_texts(origins.texts())}}));
    const auto body = client["max_request_body_size_mb"].number();
    if (body && *body >= 1)
      draft_.config.sections.emplace_back("limits", yaml_map({{"body", std::to_string(std::lround(*body)) + "MiB"}}));
  }

  void read_virtual_keys() {
    for (const Item& key : root_["governance"]["virtual_keys"].items()) {
      const Item value = key["value"];
      const Item name = key["name"] ? key["name"] : key["id"];
      if (!value || (key["is_active"] && !key["is_active"].is_true())) {
        draft_.note("virtual key '" + name.peek() + "' is left out: it " + (value ? "is not active" : "has no value"));
        continue;
      }
      draft_.gateway_key(value, name ? name.text() : "key", "");
      key.belongs(draft_.config.keys.back().notes);
    }
  }

  std::vector<Item> rules() const {
    auto out = root_["governance"]["routing_rules"].items();
    std::ranges::stable_sort(out, {}, [](const Item& rule) { return rule["priority"].number().value_or(0); });
    return out;
  }

  void read_calls(const Item& network, Sold::Calls& calls) const {
    if (const auto seconds = network["default_request_timeout_in_seconds"].number()) {
      const std::string each = yaml_seconds(*seconds);
      const double tries = network["max_retries"].number().value_or(1) + 1;
      calls.timeouts = {{"first_byte", each}, {"whole", each}, {"total", yaml_seconds(*seconds * tries)}};
    }
    if (const auto retries = network["max_retries"].number())
      calls.retry = {{"attempts", std::to_string(std::lround(std::clamp(*retries + 1, 1.0, 10.0)))}};
    const auto pause = [&](const char* theirs, const char* ours) {
      const auto ms = network[theirs].number();
      if (ms && *ms >= 1) calls.retry.emplace_back(ours, yaml_seconds(*ms / 1000));
    };
    pause("retry_backoff_initial_ms", "backoff");
    pause("retry_backoff_max_ms", "backoff_max");
  }

  /// "openai", or a name of the file's own with custom_provider_config.base_provider_type.
  static const Vendor* vendor_of(const Item& provider) {
    const Item base = provider["custom_provider_config"]["base_provider_type"];
    const Vendor* const vendor = find_vendor(base ? base.text() : provider.key());
    return vendor && !vendor->dialect.empty() ? vendor : nullptr;
  }

  std::string provider_of(const Item& provider, const Item& key, const Vendor& vendor, const NotesPtr& notes) {
    const Item network = provider["network_config"];
    if (is_cloud(vendor)) {
      const Item azure = key["azure_key_config"];
      const Item aws = key["bedrock_key_config"];
      const Item google = key["vertex_key_config"];
      const CloudItems items{azure["endpoint"] ? azure["endpoint"] : network["base_url"],
                             key["value"],
                             azure["api_version"],
                             aws["region"],
                             aws["access_key"],
                             aws["secret_key"],
                             aws["session_token"],
                             google["project_id"],
                             google["region"],
                             google["auth_credentials"]};
      return cloud_provider(vendor, "", items, notes, draft_).name;
    }
    Members more;
    if (const Item base = network["base_url"]) {
      // Bifrost adds /v1/chat/completions.
      more.emplace_back("base_url", draft_.url(base, vendor.dialect == "openai" ? "/v1" : ""));
    }
    Members headers;
    for (const Item& header : network["extra_headers"].items())
      headers.emplace_back(header.key(), draft_.secret(header, variable_name(header.key()), notes));
    if (!headers.empty()) more.emplace_back("headers", yaml_map(headers));
    if (const Item proxy = provider["proxy_config"]; proxy["url"] && proxy["type"].peek() == "http") {
      proxy["type"].use();
      more.emplace_back("proxy", draft_.url(proxy["url"]));
    }
    Vendor named = vendor;
    const std::string own = provider.key();
    if (find_vendor(own) != &vendor) named.name = own;
    return draft_.provider(named, key["value"], notes, more).name;
  }

  void read_provider(const Item& provider) {
    const Vendor* const vendor = vendor_of(provider);
    if (!vendor) {
      draft_.note("'" + provider.key() + "' is left out: Triage has no dialect for it");
      return;
    }
    Sold::Calls calls;
    read_calls(provider["network_config"], calls);
    auto keys = provider["keys"].items();
    if (keys.empty()) keys.emplace_back();
    for (const Item& key : keys) {
      const auto notes = std::make_shared<Notes>();
      const std::string name = provider_of(provider, key, *vendor, notes);
      ImportedProvider& made = *std::ranges::find(draft_.config.providers, name, &ImportedProvider::name);
      made.notes->insert(made.notes->end(), notes->begin(), notes->end());
      key.belongs(made.notes);
      provider.belongs(made.notes);
      const double weight = key["weight"].number().value_or(1);
      Sold::Key sold{name, weight, {}, {}};
      for (const std::string& model : key["models"].texts())
        if (model != "*") sold.models.push_back(model);
      for (const char* const part : {"azure_key_config", "bedrock_key_config", "vertex_key_config"})
        for (const Item& deployment : key[part]["deployments"].items())
          sold.deployments.emplace_back(deployment.key(), deployment.text());
      sold_.add(provider.key(), *vendor, std::move(sold), calls);
    }
  }

  Item root_;
  Draft& draft_;
  Sold sold_;
};

}  // namespace

void read_bifrost(const Item& root, Draft& draft) {
  Bifrost(root, draft).read();
}

std::vector<Reason> bifrost_reasons() {
  return {
      {"$schema", "the schema of the other file"},
      {"config_store*", "Triage needs none: the configuration is this file"},
      {"logs_store*", "the ledger has every request: `ledger`"},
      {"vector_store*", "Triage keeps no answers"},
      {"*semantic_cache*", "Triage keeps no answers"},
      {"plugins*", "Triage has no plugins"},
      {"mcp*", "Triage calls no tools"},
      {"*budget*", "Triage keeps no budgets of keys"},
      {"*rate_limit*", "Triage does not limit rates"},
      {"*.use_for_batch_api", "batches pass through: docs/pass-through.md"},
      {"governance.virtual_keys*.provider_configs*", "see `keys[].routes`"},
      {"governance.routing_rules*", "a route's `match` looks at models, paths, headers, keys and metadata"},
      {"client.enable_logging", "the ledger has every request: `ledger`"},
      {"client.*logging*", "the ledger has every request: `ledger`"},
      {"client.enforce*", "with `keys`, every request needs one"},
      {"client.initial_pool_size", "see providers.X.pool"},
      {"client.drop_excess_requests", "see limits.requests_in_flight"},
      {"*concurrency*", "see limits.requests_in_flight"},
      {"*buffer_size*", "see limits.requests_in_flight"},
      {"*.name", "a name"},
      {"*.arn", "not needed where region and keys are given"},
      {"*network_config*", "see routes.X.timeouts and routes.X.retry"},
  };
}

}  // namespace triage::imports
