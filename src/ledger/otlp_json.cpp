#include "ledger/otlp_json.hpp"

#include <cmath>

namespace triage::ledger {
namespace {

// Well-known values of gen_ai.provider.name, for servers of OpenAI's API by the end of their host.
struct KnownHost {
  std::string_view end;
  std::string_view name;
};
constexpr KnownHost known_hosts[] = {
    {"api.openai.com", "openai"},
    {".openai.azure.com", "azure.ai.openai"},
    {".services.ai.azure.com", "azure.ai.inference"},
    {"api.groq.com", "groq"},
    {"api.mistral.ai", "mistral_ai"},
    {"api.deepseek.com", "deepseek"},
    {"api.x.ai", "x_ai"},
    {"api.perplexity.ai", "perplexity"},
    {"api.cohere.com", "cohere"},
    {"api.cohere.ai", "cohere"},
    {".ml.cloud.ibm.com", "ibm.watsonx.ai"},
};
constexpr KnownHost known_dialects[] = {
    {"anthropic", "anthropic"}, {"bedrock", "aws.bedrock"},  {"azure", "azure.ai.openai"},
    {"gemini", "gcp.gemini"},   {"vertex", "gcp.vertex_ai"},
};

std::string name_of(const Provider& provider) {
  for (const auto& [dialect, name] : known_dialects)
    if (provider.dialect == dialect) return std::string(name);
  for (const auto& [end, name] : known_hosts)
    if (provider.base_url.host.ends_with(end)) return std::string(name);
  return provider.name;
}

}  // namespace

OtlpProviders otlp_providers(const std::vector<Provider>& providers) {
  OtlpProviders out;
  for (const Provider& provider : providers)
    out[provider.name] = {name_of(provider), provider.base_url.host, provider.base_url.port};
  return out;
}

namespace otlp {

std::string_view operation_at(std::string_view path) noexcept {
  const auto has = [path](std::string_view part) { return path.find(part) != std::string_view::npos; };
  if (path.ends_with("/chat/completions") || path.ends_with("/messages") || path.ends_with("/responses")) return "chat";
  if (path.ends_with("/completions")) return "text_completion";
  if (path.ends_with("/embeddings") || has(":embedContent") || has(":batchEmbedContents")) return "embeddings";
  if (has(":generateContent") || has(":streamGenerateContent")) return "generate_content";
  return passed_on;
}

std::string Call::name() const {
  return std::string(operation) + (model.empty() ? "" : " " + model);
}

Json Call::attributes() const {
  Json out = Json::array();
  add(out, "gen_ai.operation.name", Text(operation));
  add(out, "gen_ai.provider.name", Text(provider != nullptr ? std::string_view(provider->name) : provider_name));
  if (!model.empty()) add(out, "gen_ai.request.model", Text(model));
  if (provider != nullptr) {
    add(out, "server.address", Text(provider->host));
    add(out, "server.port", Integer(provider->port));
  }
  if (!error.empty()) add(out, "error.type", Text(error));
  return out;
}

Call call_of(const StoredRecord& record, const StoredAttempt& attempt, const OtlpProviders& providers) {
  Call out;
  const std::string_view purpose = attempt.get<&AttemptRecord::purpose>().value_or("answer");
  const bool own = purpose == "answer" || purpose == "ensemble" || purpose == "shadow";
  out.operation = own                  ? operation_at(record.get<&LedgerRecord::path>().value_or(""))
                  : purpose == "embed" ? std::string_view("embeddings")
                                       : std::string_view("chat");
  out.model = attempt.get<&AttemptRecord::model>().value_or("");
  out.error = attempt.get<&AttemptRecord::error>().value_or("");
  out.provider_name = attempt.get<&AttemptRecord::provider>().value_or("");
  const auto found = providers.find(out.provider_name);
  if (found != providers.end()) out.provider = &found->second;
  return out;
}

void add(Json& attributes, std::string_view key, const Text& value) {
  if (value) attributes.push_back({{"key", key}, {"value", {{"stringValue", *value}}}});
}

void add(Json& attributes, std::string_view key, const Integer& value) {
  if (value) attributes.push_back({{"key", key}, {"value", {{"intValue", std::to_string(*value)}}}});
}

void add(Json& attributes, std::string_view key, const Real& value) {
  if (value) attributes.push_back({{"key", key}, {"value", {{"doubleValue", *value}}}});
}

Json status(bool failed, std::string_view why) {
  if (!failed) return Json::object();
  return {{"code", 2}, {"message", why}};
}

std::string nanoseconds(std::int64_t unix_ms, double ms_later) {
  constexpr std::int64_t per_ms = 1'000'000;
  return std::to_string(unix_ms * per_ms + std::llround(ms_later * static_cast<double>(per_ms)));
}

std::string dumped(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string resource(const OtlpService& service) {
  Json attributes = Json::array();
  add(attributes, "service.name", Text(service.name));
  add(attributes, "service.version", Text(service.version));
  return dumped({{"attributes", std::move(attributes)}});
}

std::string scope(const OtlpService& service) {
  return dumped({{"name", "triage"}, {"version", service.version}});
}

}  // namespace otlp
}  // namespace triage::ledger
