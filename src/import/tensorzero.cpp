// TensorZero's gateway (tensorzero.com/docs/gateway/configuration-reference).
//
//   models.X.routing: [a, b]            route tensorzero::model_name::X: tiers primary (a), fallback-1 (b)
//   functions.F.variants.V              route tensorzero::function_name::F: its variants by weight, in the first tier;
//                                       what their models fall back to in the tiers above
//   "openai::gpt-4o" for a model        a deployment, without an entry of its own
#include "import/clouds.hpp"
#include "import/readers.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace triage::imports {
namespace {

/// Variables that TensorZero reads keys from, where others do otherwise.
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> own_variables{
    {{"gemini", "GOOGLE_AI_STUDIO_API_KEY"},
     {"fireworks_ai", "FIREWORKS_API_KEY"},
     {"together_ai", "TOGETHER_API_KEY"},
     {"perplexity", "PERPLEXITY_API_KEY"}}};

class Tensorzero {
 public:
  Tensorzero(const Item& root, Draft& draft) : root_(root), draft_(draft) {}

  void read() {
    listen();
    for (const Item& model : root_["models"].items()) model_route(model, "tensorzero::model_name::");
    for (const Item& model : root_["embedding_models"].items())
      model_route(model, "tensorzero::embedding_model_name::");
    for (const Item& function : root_["functions"].items()) function_route(function);
    if (draft_.config.deployments.empty())
      draft_.note(
          "the file names no model: clients ask for tensorzero::model_name::PROVIDER::MODEL, and each needs a "
          "deployment");
    draft_.note(
        "clients ask /v1/chat/completions, where they asked /openai/v1/chat/completions; /inference and "
        "/feedback are TensorZero's own (POST /v1/feedback is Triage's)");
  }

 private:
  void listen() {
    const Item address = root_["gateway"]["bind_address"];
    const std::size_t colon = address.peek().rfind(':');
    int port = 3000;
    if (colon != std::string::npos) port = std::atoi(address.text().c_str() + colon + 1);
    draft_.listen(port > 0 && port < 65536 ? port : 3000);
  }

  /// The names of a model's deployments: the first, and what it falls back to.
  std::vector<std::string> deployments_of(const std::string& model) {
    for (const char* const section : {"models", "embedding_models"})
      if (const Item known = root_[section][model]) return routing_of(known);
    const std::size_t colons = model.find("::");
    const Vendor* const vendor =
        colons == std::string::npos ? vendor_of_model(model) : find_vendor(model.substr(0, colons));
    if (!vendor || vendor->dialect.empty()) return {};
    const std::string name = colons == std::string::npos ? model : model.substr(colons + 2);
    const auto notes = std::make_shared<Notes>();
    const std::string provider = is_cloud(*vendor) ? cloud_provider(*vendor, name, {}, notes, draft_).name
                                                   : plain_provider(*vendor, Item(), notes).name;
    return {draft_.deployment(provider, name).name};
  }

  std::vector<std::string> routing_of(const Item& model) {
    auto known = made_.find(model.path());
    if (known != made_.end()) return known->second;
    std::vector<std::string> out;
    std::vector<std::string> names = model["routing"].texts();
    if (names.empty())
      for (const Item& provider : model["providers"].items()) names.push_back(provider.key());
    for (const std::string& name : names)
      if (const Item provider = model["providers"][name]) {
        const std::string deployment = deployment_of(provider, model.key());
        if (!deployment.empty() && std::ranges::find(out, deployment) == out.end()) out.push_back(deployment);
      }
    made_[model.path()] = out;
    return out;
  }

  ImportedProvider& plain_provider(const Vendor& vendor, const Item& from, const NotesPtr& notes) {
    Members more;
    const auto own =
        std::ranges::find(own_variables, vendor.name, &std::pair<std::string_view, std::string_view>::first);
    if (const Item base = from["api_base"]) more.emplace_back("base_url", draft_.url(base));
    const Item key = from["api_key_location"];
    const Item location = key.is_map() ? key["default"] : key;
    if (location.peek() == "none") {
      location.use();
      if (more.empty()) more.emplace_back("base_url", yaml_text(vendor.base_url));
      return draft_.provider(vendor, Item(), notes, more);
    }
    if (location && location.peek().find("dynamic::") == std::string::npos)
      return draft_.provider(vendor, location, notes, more);
    if (own != own_variables.end() && more.empty()) {
      Vendor with = vendor;
      with.variable = own->second;
      return draft_.provider(with, Item(), notes, more);
    }
    const bool local = vendor.base_url.starts_with("http://");
    if (!more.empty() && !local && !vendor.variable.empty())
      more.emplace_back("api_key", yaml_text(draft_.variable(vendor.variable)));
    return draft_.provider(vendor, Item(), notes, more);
  }

  std::string deployment_of(const Item& from, const std::string& model_name) {
    const Item type = from["type"];
    const Vendor* const vendor = find_vendor(type.peek());
    const auto notes = std::make_shared<Notes>();
    if (!vendor || vendor->dialect.empty()) {
      draft_.note(from.path() + " is left out: Triage has no dialect for '" + type.peek() + "'");
      return {};
    }
    type.use();
    const Item model = from.first({"model_name", "model_id", "deployment_id", "endpoint_id"});
    std::string provider;
    if (is_cloud(*vendor)) {
      const CloudItems items{from.first({"endpoint", "api_base"}),
                             from["api_key_location"],
                             Item(),
                             from["region"],
                             Item(),
                             Item(),
                             Item(),
                             from["project_id"],
                             from["location"],
                             from["credential_location"]};
      provider = cloud_provider(*vendor, model.peek(), items, notes, draft_).name;
    } else {
      provider = plain_provider(*vendor, from, notes).name;
    }
    ImportedDeployment& made = draft_.deployment(provider, model ? model.text() : model_name);
    made.notes->insert(made.notes->end(), notes->begin(), notes->end());
    from.belongs(made.notes);
    return made.name;
  }

  static void read_calls(const Item& from, ImportedRoute& route) {
    const auto milliseconds_of = [&](const Item& time, const char* ours) {
      if (const auto ms = time.number()) route.timeouts.emplace_back(ours, yaml_seconds(*ms / 1000));
    };
    const Item timeouts = from["timeouts"];
    const Item streaming = timeouts["streaming"];
    if (route.timeouts.empty()) {
      milliseconds_of(streaming.first({"ttft_ms"}), "first_byte");
      milliseconds_of(timeouts["non_streaming"]["total_ms"], "whole");
      milliseconds_of(streaming["total_ms"], "total");
    }
    const Item retries = from["retries"];
    const auto number = retries["num_retries"].number();
    if (!number || !route.retry.empty()) return;
    route.retry = {{"attempts", std::to_string(std::lround(std::clamp(*number + 1, 1.0, 10.0)))}};
    if (const auto most = retries["max_delay_s"].number()) route.retry.emplace_back("backoff_max", yaml_seconds(*most));
  }

  void model_route(const Item& model, const std::string& prefix) {
    const std::vector<std::string> deployments = routing_of(model);
    if (deployments.empty()) {
      draft_.note("'" + model.key() + "' is left out: it has no provider that Triage can ask");
      return;
    }
    ImportedRoute& route = draft_.route(model.key());
    route.models = {prefix + model.key(), model.key()};
    for (std::size_t i = 0; i < deployments.size(); ++i) route.tiers.push_back({draft_.tier(i), {{deployments[i]}}});
    if (route.tiers.size() > 1) route.start = route.tiers[0].name;
    read_calls(model, route);
    for (const Item& provider : model["providers"].items()) read_calls(provider, route);
    model.belongs(route.notes);
  }

  struct Variant {
    Item item;
    std::vector<std::string> deployments;
    double weight = 1;
  };

  /// Which variants there are, with their weights: 0 for those that are only asked when the others fail.
  std::vector<Variant> variants_of(const Item& function, const NotesPtr& notes) {
    std::vector<Variant> out;
    const Item experiment = function["experimentation"];
    const Item chosen = experiment["candidate_variants"];
    const Item last = experiment["fallback_variants"];
    const auto all = function["variants"].items();
    const bool weighted = std::ranges::any_of(all, [](const Item& each) { return bool(each["weight"]); });
    if (experiment) {
      const std::string type = experiment["type"].text();
      if (type != "static" && type != "static_weights" && type != "uniform")
        notes->push_back("'" + type +
                         "' moves the weights by what it learns; here they stay, and an `experiment` compares two "
                         "arms: docs/experiments.md");
    }
    for (const Item& item : all) {
      Variant variant{item, deployments_of(item["model"].text()), 1};
      const Item weight = item["weight"];
      if (weighted) variant.weight = weight ? weight.number().value_or(1) : 0;
      if (chosen.is_map())
        variant.weight = chosen[item.key()] ? chosen[item.key()].number().value_or(1) : 0;
      else if (chosen)
        variant.weight = std::ranges::count(chosen.texts(), item.key()) > 0 ? 1 : 0;
      if (variant.deployments.empty()) {
        notes->push_back("variant '" + item.key() +
                         "' is left out: Triage calls one model for an answer, and finds none in it");
        item.unuse();
        continue;
      }
      out.push_back(std::move(variant));
    }
    static_cast<void>(last.texts());
    return out;
  }

  void function_route(const Item& function) {
    const auto notes = std::make_shared<Notes>();
    const std::vector<Variant> variants = variants_of(function, notes);
    if (variants.empty()) {
      draft_.note("function '" + function.key() +
                  "' is left out: none of its variants names a model that Triage can ask");
      draft_.config.notes->insert(draft_.config.notes->end(), notes->begin(), notes->end());
      return;
    }
    ImportedRoute& route = draft_.route(function.key());
    route.notes = notes;
    route.models = {"tensorzero::function_name::" + function.key()};
    std::vector<double> weights;
    std::size_t depth = 0;
    for (const Variant& variant : variants) {
      weights.push_back(variant.weight);
      depth = std::max(depth, variant.deployments.size());
    }
    const std::vector<std::uint32_t> whole = whole_weights(weights);
    std::set<std::string> earlier;
    for (std::size_t level = 0; level < depth; ++level) {
      ImportedTier tier{draft_.tier(level), {}};
      for (std::size_t i = 0; i < variants.size(); ++i)
        if (level < variants[i].deployments.size() && !earlier.contains(variants[i].deployments[level]))
          add_member(tier, variants[i].deployments[level], whole[i]);
      for (const ImportedMember& member : tier.members) earlier.insert(member.deployment);
      if (!tier.members.empty()) route.tiers.push_back(std::move(tier));
    }
    if (route.tiers.size() > 1) route.start = route.tiers[0].name;
    read_calls(function, route);
    for (const Variant& variant : variants) read_calls(variant.item, route);
    if (function["type"].peek() == "chat") function["type"].use();
    for (const Variant& variant : variants)
      if (variant.item["type"].peek() == "chat_completion") variant.item["type"].use();
    function.belongs(route.notes);
  }

  Item root_;
  Draft& draft_;
  std::map<std::string, std::vector<std::string>> made_;  // a model's path -> its deployments
};

}  // namespace

void read_tensorzero(const Item& root, Draft& draft) {
  Tensorzero(root, draft).read();
}

std::vector<Reason> tensorzero_reasons() {
  return {
      {"functions.*.evaluators.*", "see `quality` and `triage evalset`: docs/quality.md"},
      {"*template*", "Triage fills in no templates: clients send the whole messages"},
      {"*_schema", "Triage fills in no templates: clients send the whole messages"},
      {"*system_instructions", "Triage fills in no templates: clients send the whole messages"},
      {"functions.*.type", "the client asks for JSON by response_format"},
      {"functions.*.tools*", "clients send their tools"},
      {"evaluations.*", "see `triage evalset`: docs/quality.md"},
      {"metrics.*", "POST /v1/feedback takes thumb, score and task_completed"},
      {"tools.*", "clients send their tools"},
      {"*.provider_tools*", "clients send their tools"},
      {"*.api_type", "a provider is asked in the client's own form where it speaks that"},
      {"*.include_encrypted_reasoning", "clients ask for it by `include`"},
      {"*.extra_body*", "parameters are the client's own"},
      {"*.extra_headers*", "see providers.X.headers"},
      {"*.json_mode", "the client asks for JSON by response_format"},
      {"*.temperature", "parameters are the client's own"},
      {"*.max_tokens", "parameters are the client's own"},
      {"*.reasoning_effort", "parameters are the client's own"},
      {"rate_limiting.*", "Triage does not limit rates"},
      {"gateway.observability*", "the ledger has every request"},
      {"gateway.auth*", "see `keys`, and `triage key new`"},
      {"gateway.export*", "metrics are at /metrics"},
      {"object_storage*", "the ledger has every request"},
      {"postgres*", "Triage needs none: the ledger is files"},
      {"clickhouse*", "Triage needs none: the ledger is files"},
      {"*.timeouts.*", "a route has one set of timeouts: the first that the file has"},
      {"*.retries.*", "a route has one: the first that the file has"},
  };
}

}  // namespace triage::imports
