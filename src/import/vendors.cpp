// Addresses are those of the vendors' own documentation of their OpenAI-compatible API, as of 2026-11.
#include "import/vendors.hpp"

#include "base/ascii.hpp"
#include "config/price_table.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace triage::imports {
namespace {

constexpr std::array<Vendor, 44> vendors{{
    {"openai", "openai", "https://api.openai.com/v1", "OPENAI_API_KEY"},
    {"anthropic", "anthropic", "https://api.anthropic.com", "ANTHROPIC_API_KEY"},
    {"gemini", "gemini", "https://generativelanguage.googleapis.com", "GEMINI_API_KEY"},
    {"vertex", "vertex", "", ""},
    {"azure", "azure", "", "AZURE_API_KEY"},
    {"azure_ai", "azure", "", "AZURE_AI_API_KEY"},
    {"bedrock", "bedrock", "", ""},
    {"mistral", "openai", "https://api.mistral.ai/v1", "MISTRAL_API_KEY"},
    {"cohere", "openai", "https://api.cohere.ai/compatibility/v1", "COHERE_API_KEY"},
    {"deepseek", "openai", "https://api.deepseek.com", "DEEPSEEK_API_KEY"},
    {"groq", "openai", "https://api.groq.com/openai/v1", "GROQ_API_KEY"},
    {"xai", "openai", "https://api.x.ai/v1", "XAI_API_KEY"},
    {"perplexity", "openai", "https://api.perplexity.ai", "PERPLEXITYAI_API_KEY"},
    {"together_ai", "openai", "https://api.together.xyz/v1", "TOGETHERAI_API_KEY"},
    {"openrouter", "openai", "https://openrouter.ai/api/v1", "OPENROUTER_API_KEY"},
    {"fireworks_ai", "openai", "https://api.fireworks.ai/inference/v1", "FIREWORKS_AI_API_KEY"},
    {"cerebras", "openai", "https://api.cerebras.ai/v1", "CEREBRAS_API_KEY"},
    {"deepinfra", "openai", "https://api.deepinfra.com/v1/openai", "DEEPINFRA_API_KEY"},
    {"nvidia_nim", "openai", "https://integrate.api.nvidia.com/v1", "NVIDIA_NIM_API_KEY"},
    {"sambanova", "openai", "https://api.sambanova.ai/v1", "SAMBANOVA_API_KEY"},
    {"moonshot", "openai", "https://api.moonshot.ai/v1", "MOONSHOT_API_KEY"},
    {"dashscope", "openai", "https://dashscope-intl.aliyuncs.com/compatible-mode/v1", "DASHSCOPE_API_KEY"},
    {"zai", "openai", "https://api.z.ai/api/paas/v4", "ZAI_API_KEY"},
    {"minimax", "openai", "https://api.minimax.io/v1", "MINIMAX_API_KEY"},
    {"hyperbolic", "openai", "https://api.hyperbolic.xyz/v1", "HYPERBOLIC_API_KEY"},
    {"novita", "openai", "https://api.novita.ai/v3/openai", "NOVITA_API_KEY"},
    {"nebius", "openai", "https://api.studio.nebius.ai/v1", "NEBIUS_API_KEY"},
    {"parasail", "openai", "https://api.parasail.io/v1", "PARASAIL_API_KEY"},
    {"huggingface", "openai", "https://router.huggingface.co/v1", "HUGGINGFACE_API_KEY"},
    {"github", "openai", "https://models.github.ai/inference", "GITHUB_API_KEY"},
    {"voyage", "openai", "https://api.voyageai.com/v1", "VOYAGE_API_KEY"},
    {"jina_ai", "openai", "https://api.jina.ai/v1", "JINA_AI_API_KEY"},
    {"ai21", "openai", "https://api.ai21.com/studio/v1", "AI21_API_KEY"},
    {"databricks", "openai", "", "DATABRICKS_API_KEY"},
    {"cloudflare", "openai", "", "CLOUDFLARE_API_KEY"},
    {"ollama", "openai", "http://127.0.0.1:11434/v1", "OLLAMA_API_KEY"},
    {"lm_studio", "openai", "http://127.0.0.1:1234/v1", "LM_STUDIO_API_KEY"},
    {"vllm", "openai", "http://127.0.0.1:8000/v1", "VLLM_API_KEY"},
    {"sglang", "openai", "http://127.0.0.1:30000/v1", "SGLANG_API_KEY"},
    {"llamafile", "openai", "http://127.0.0.1:8080/v1", ""},
    {"tgi", "openai", "http://127.0.0.1:8080/v1", ""},
    {"elevenlabs", "", "", "ELEVENLABS_API_KEY"},
    {"sagemaker", "", "", ""},
    {"replicate", "", "", "REPLICATE_API_KEY"},
}};

using OtherName = std::pair<std::string_view, std::string_view>;
constexpr std::array<OtherName, 58> other_names{{
    {"text_completion_openai", "openai"},
    {"openai_like", "openai"},
    {"custom_openai", "openai"},
    {"openai_responses", "openai"},
    {"google", "gemini"},
    {"google_ai", "gemini"},
    {"google_genai", "gemini"},
    {"google_ai_studio", "gemini"},
    {"google_ai_studio_gemini", "gemini"},
    {"vertex_ai", "vertex"},
    {"vertexai", "vertex"},
    {"vertex_ai_beta", "vertex"},
    {"google_vertex", "vertex"},
    {"google_vertex_ai", "vertex"},
    {"gcp_vertex", "vertex"},
    {"gcp_vertex_ai", "vertex"},
    {"gcp_vertex_gemini", "vertex"},
    {"gcp_vertex_anthropic", "vertex"},
    {"azure_openai", "azure"},
    {"azureopenai", "azure"},
    {"azure_text", "azure"},
    {"azure_ad", "azure"},
    {"azure_ai_foundry", "azure_ai"},
    {"azure_foundry", "azure_ai"},
    {"foundry", "azure_ai"},
    {"aws_bedrock", "bedrock"},
    {"awsbedrock", "bedrock"},
    {"amazon_bedrock", "bedrock"},
    {"bedrock_converse", "bedrock"},
    {"aws_sagemaker", "sagemaker"},
    {"mistral_ai", "mistral"},
    {"mistralai", "mistral"},
    {"codestral", "mistral"},
    {"cohere_chat", "cohere"},
    {"x_ai", "xai"},
    {"grok", "xai"},
    {"perplexity_ai", "perplexity"},
    {"together", "together_ai"},
    {"togetherai", "together_ai"},
    {"fireworks", "fireworks_ai"},
    {"nvidia", "nvidia_nim"},
    {"hugging_face", "huggingface"},
    {"ollama_chat", "ollama"},
    {"lmstudio", "lm_studio"},
    {"hosted_vllm", "vllm"},
    {"sgl", "sglang"},
    {"jina", "jina_ai"},
    {"voyage_ai", "voyage"},
    {"moonshotai", "moonshot"},
    {"workers_ai", "cloudflare"},
    {"github_models", "github"},
    {"qwen", "dashscope"},
    {"alibaba", "dashscope"},
    {"zhipu", "zai"},
    {"z_ai", "zai"},
    {"open_router", "openrouter"},
    {"deep_seek", "deepseek"},
    {"sambanova_cloud", "sambanova"},
}};

}  // namespace

const Vendor* find_vendor(std::string_view name) {
  std::string wanted = to_lower(name);
  std::ranges::replace(wanted, '-', '_');
  std::ranges::replace(wanted, '.', '_');
  const auto other = std::ranges::find(other_names, wanted, &OtherName::first);
  const std::string_view own = other == other_names.end() ? std::string_view(wanted) : other->second;
  const auto found = std::ranges::find(vendors, own, &Vendor::name);
  return found == vendors.end() ? nullptr : &*found;
}

const Vendor* vendor_of_model(std::string_view model) {
  const config::ListedModel* const listed = config::builtin_prices().find(model, "");
  if (listed) return find_vendor(listed->provider);
  // Models that are no longer sold are in no price table, but in many a configuration.
  static constexpr std::array<OtherName, 8> families{{{"gpt-", "openai"},
                                                      {"chatgpt-", "openai"},
                                                      {"o1", "openai"},
                                                      {"o3", "openai"},
                                                      {"o4", "openai"},
                                                      {"text-embedding-", "openai"},
                                                      {"claude-", "anthropic"},
                                                      {"gemini-", "gemini"}}};
  for (const auto& [prefix, vendor] : families)
    if (model.starts_with(prefix)) return find_vendor(vendor);
  return nullptr;
}

std::vector<std::string> listed_models(const Vendor& vendor) {
  std::vector<std::string> out;
  for (const config::ListedModel& model : config::builtin_prices().table().models) {
    if (find_vendor(model.provider) != &vendor) continue;
    const bool prefixed = model.name.starts_with(model.provider + "/");
    out.push_back(prefixed ? model.name.substr(model.provider.size() + 1) : model.name);
  }
  return out;
}

}  // namespace triage::imports
