// model_list: [{model_name, litellm_params: {model: PROVIDER/MODEL, api_base, api_key, ...}, model_info: {...}}]
#include "base/decimal.hpp"
#include "base/glob.hpp"
#include "config/price_table.hpp"
#include "import/clouds.hpp"
#include "import/litellm.hpp"
#include "options/values.hpp"

#include <algorithm>
#include <array>

namespace triage::imports {
namespace {

struct Target {
  const Vendor* vendor = nullptr;  ///< nullptr: not known
  std::string vendor_name;
  std::string model;
};

/// "bedrock/converse/us-east-1/anthropic.claude-v2" is anthropic.claude-v2 at bedrock.
std::string without_parts(std::string model, std::initializer_list<std::string_view> parts) {
  for (bool found = true; found;) {
    found = false;
    for (const std::string_view part : parts)
      if (model.starts_with(part)) {
        model.erase(0, part.size());
        found = true;
      }
  }
  return model;
}

Target target_of(const Item& params) {
  std::string model = params["model"].text();
  Target out;
  const std::size_t slash = model.find('/');
  if (const Item custom = params["custom_llm_provider"]) {
    out.vendor_name = custom.text();
    out.vendor = find_vendor(out.vendor_name);
    if (model.starts_with(out.vendor_name + "/")) model.erase(0, out.vendor_name.size() + 1);
  } else if (slash != std::string::npos && find_vendor(model.substr(0, slash))) {
    out.vendor_name = model.substr(0, slash);
    out.vendor = find_vendor(out.vendor_name);
    model.erase(0, slash + 1);
  } else {
    out.vendor = vendor_of_model(model);
    out.vendor_name = out.vendor ? std::string(out.vendor->name) : model.substr(0, std::min(slash, model.size()));
    if (!out.vendor && slash != std::string::npos) model.erase(0, slash + 1);
  }
  out.model = without_parts(std::move(model), {"converse/", "invoke/", "converse_like/", "responses/", "chat/",
                                               "o_series/", "gpt5_series/", "anthropic_messages/"});
  if (out.vendor && out.vendor->name == "bedrock") {
    const std::size_t region = out.model.find('/');
    if (region != std::string::npos && !out.model.starts_with("arn:")) out.model.erase(0, region + 1);
  }
  return out;
}

void add(Members& members, const char* name, std::string value) {
  members.emplace_back(name, std::move(value));
}

ImportedProvider& provider_of(const Item& params, const Target& target, const NotesPtr& notes, Draft& draft) {
  const Vendor& vendor = *target.vendor;
  const Item base = params.first({"aws_bedrock_runtime_endpoint", "api_base", "base_url"});
  if (is_cloud(vendor)) {
    const CloudItems items{base,
                           params["api_key"],
                           params["api_version"],
                           params.first({"aws_region_name", "region_name"}),
                           params["aws_access_key_id"],
                           params["aws_secret_access_key"],
                           params["aws_session_token"],
                           params["vertex_project"],
                           params["vertex_location"],
                           params["vertex_credentials"]};
    return cloud_provider(vendor, target.model, items, notes, draft);
  }
  Members more;
  const bool native = vendor.name == "ollama" || vendor.name == "llamafile";
  if (base) add(more, "base_url", draft.url(base, native ? "/v1" : ""));
  if (const Item organization = params["organization"]) add(more, "organization", draft.value(organization));
  Members headers;
  for (const Item& header : params.first({"extra_headers", "headers"}).items())
    if (header.is_scalar())
      headers.emplace_back(header.key(), draft.secret(header, variable_name(header.key()), notes));
  if (!headers.empty()) add(more, "headers", yaml_map(headers));
  return draft.provider(vendor, params["api_key"], notes, more);
}

constexpr std::array<std::pair<std::string_view, const char*>, 8> rates{
    {{"input_cost_per_token", "input"},
     {"output_cost_per_token", "output"},
     {"cache_read_input_token_cost", "input_cached"},
     {"cache_creation_input_token_cost", "cache_write"},
     {"cache_creation_input_token_cost_above_1hr", "cache_write_1h"},
     {"output_cost_per_reasoning_token", "reasoning"},
     {"input_cost_per_audio_token", "input_audio"},
     {"output_cost_per_audio_token", "output_audio"}}};

Members price_of(const Item& part) {
  Members out;
  for (const auto& [theirs, ours] : rates) {
    const Item rate = part[theirs];
    const auto femto_usd = rate ? parse_decimal(rate.peek(), 15) : Result<Decimal>(Decimal{-1, true});
    if (!femto_usd || femto_usd->units < 0) continue;
    static_cast<void>(rate.text());
    add(out, ours, format_rate(Rate{femto_usd->units}));
  }
  return out;
}

void read_capabilities(const Item& info, const std::string& model, Members& out) {
  const config::ListedModel* const listed = config::builtin_prices().find(model, "");
  if (!listed) return;  // a list of what it can do says of the rest that it cannot
  std::vector<std::string> all = listed->capabilities;
  bool more = false;
  for (const auto& [theirs, ours] : {std::pair<const char*, const char*>{"supports_vision", "images"},
                                     {"supports_function_calling", "tools"},
                                     {"supports_response_schema", "json_schema"},
                                     {"supports_audio_input", "audio"}}) {
    const Item said = info[theirs];
    if (!said || !said.is_true()) continue;
    if (std::ranges::find(all, ours) != all.end()) continue;
    all.emplace_back(ours);
    more = true;
  }
  if (more) add(out, "capabilities", yaml_texts(all));
}

Members settings_of(const Item& entry, const Target& target) {
  Members out;
  const Item params = entry["litellm_params"];
  const Item info = entry["model_info"];
  Members own = price_of(params);
  const Members told = price_of(info);
  own.insert(own.end(), told.begin(), told.end());
  const Item base_model = info.first({"base_model"}) ? info["base_model"] : params["base_model"];
  const std::string listed_as = base_model ? base_model.text() : target.model;
  if (!own.empty() || base_model)
    if (std::string price = Draft::price(listed_as, own); !price.empty()) add(out, "price", std::move(price));
  const auto count = [&](const Item& item, const char* name) {
    const auto number = item.number();
    if (number && *number >= 1) add(out, name, std::to_string(static_cast<std::int64_t>(*number)));
  };
  count(info["max_input_tokens"], "context_window");
  count(info["max_output_tokens"], "max_output");
  const std::string mode = info["mode"].peek();
  if (mode == "chat" || mode == "embedding" || mode == "completion" || mode == "responses") info["mode"].use();
  read_capabilities(info, listed_as, out);
  return out;
}

/// Where nobody knows who sells it: it is asked as OpenAI is.
std::string stranger(const Item& entry, const Target& target, const NotesPtr& notes, Draft& draft) {
  const Item params = entry["litellm_params"];
  const std::string name = target.vendor_name.empty() ? "other" : name_from(target.vendor_name);
  Members settings{{"dialect", "openai"}};
  if (const Item base = params.first({"api_base", "base_url"})) {
    add(settings, "base_url", draft.url(base));
  } else {
    const std::string variable = variable_name(name) + "_BASE_URL";
    notes->push_back(entry.path() + ": where " + name + " is, is not known here: " + variable +
                     " must be the address of its OpenAI-compatible API");
    add(settings, "base_url", yaml_text(draft.variable(variable, "https://other.invalid")));
  }
  if (const Item key = params["api_key"])
    add(settings, "api_key", draft.secret(key, variable_name(name) + "_API_KEY", notes));
  return draft.provider(name, settings).name;
}

void read_entry(const Item& entry, LitellmModels& models, Draft& draft) {
  const Item params = entry["litellm_params"];
  const std::string asked = entry["model_name"].text();
  const auto group_of = [&]() -> LitellmGroup& {
    if (LitellmGroup* const known = models.find(asked)) return *known;
    models.groups.push_back({asked, {}, {}});
    return models.groups.back();
  };
  if (params["model"].peek().starts_with("auto_router/")) {
    group_of().router = entry;
    return;
  }
  const Target target = target_of(params);
  if (target.vendor && target.vendor->dialect.empty()) {
    draft.note("'" + asked + "' is left out: Triage has no dialect for " + std::string(target.vendor->name));
    entry.unuse();
    return;
  }
  const auto notes = std::make_shared<Notes>();
  const std::string provider =
      target.vendor ? provider_of(params, target, notes, draft).name : stranger(entry, target, notes, draft);
  if (asked.find('*') != std::string::npos || target.model.find('*') != std::string::npos) {
    models.wildcards.push_back({asked, target.model, provider, target.vendor, notes});
    draft.config.notes->insert(draft.config.notes->end(), notes->begin(), notes->end());
    return;
  }
  ImportedDeployment& made = draft.deployment(provider, target.model, settings_of(entry, target));
  made.notes->insert(made.notes->end(), notes->begin(), notes->end());
  entry.belongs(made.notes);
  group_of().members.push_back({made.name, entry});
}

}  // namespace

LitellmGroup* LitellmModels::find(std::string_view name) {
  const auto found = std::ranges::find(groups, name, &LitellmGroup::name);
  return found == groups.end() ? nullptr : &*found;
}

LitellmGroup* LitellmModels::find_or_make(const std::string& name, Draft& draft) {
  if (LitellmGroup* const known = find(name)) return known;
  for (const LitellmWildcard& wildcard : wildcards) {
    if (!glob_matches(wildcard.asked, name)) continue;
    const std::size_t star = wildcard.asked.find('*');
    const std::string fits = name.substr(star, name.size() - (wildcard.asked.size() - 1));
    std::string model = wildcard.model;
    if (const std::size_t at = model.find('*'); at != std::string::npos) model.replace(at, 1, fits);
    groups.push_back({name, {{draft.deployment(wildcard.provider, model).name, {}}}, {}});
    return &groups.back();
  }
  return nullptr;
}

LitellmModels read_litellm_models(const Item& list, Draft& draft) {
  LitellmModels out;
  for (const Item& entry : list.items()) read_entry(entry, out, draft);
  return out;
}

}  // namespace triage::imports
