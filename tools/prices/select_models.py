"""Chooses from LiteLLM's model_prices_and_context_window.json what config/prices.yaml has.

    python3 tools/prices/select_models.py model_prices.json DATE > selected.json
    triage prices import selected.json --date DATE > config/prices.yaml      (then put the comment on top back)

The file is in LiteLLM's wheel (MIT licence). Kept are the models for text and embeddings that the providers below sell
on DATE. A model that costs the same under a shorter name is left out: dated versions, regions, and other sellers of
OpenAI's and Anthropic's models at their makers' prices are found by the rules in src/config/price_table.hpp.
"""

import json
import re
import sys

MODES = {"chat", "responses", "completion", "embedding"}
# LiteLLM's provider -> ours, and whether its models are listed as PROVIDER/MODEL: those of hosts are, those of makers not.
PROVIDERS = {
    "openai": ("openai", False), "anthropic": ("anthropic", False), "gemini": ("gemini", False),
    "mistral": ("mistral", False), "cohere": ("cohere", False), "cohere_chat": ("cohere", False),
    "deepseek": ("deepseek", False), "xai": ("xai", False), "perplexity": ("perplexity", False),
    "moonshot": ("moonshot", False), "bedrock": ("bedrock", False), "bedrock_converse": ("bedrock", False),
    "voyage": ("voyage", False), "azure": ("azure", True), "azure_ai": ("azure", True), "groq": ("groq", True),
    "cerebras": ("cerebras", True), "together_ai": ("together_ai", True),
}
HOSTS = {
    "openai": ("https://platform.openai.com/docs/pricing", ["api.openai.com"]),
    "anthropic": ("https://claude.com/pricing#api", ["api.anthropic.com"]),
    "gemini": ("https://ai.google.dev/gemini-api/docs/pricing", ["generativelanguage.googleapis.com"]),
    "vertex_ai": ("https://cloud.google.com/vertex-ai/generative-ai/pricing", ["*aiplatform.googleapis.com"]),
    "azure": ("https://azure.microsoft.com/pricing/details/cognitive-services/openai-service/",
              ["*.openai.azure.com", "*.services.ai.azure.com"]),
    "bedrock": ("https://aws.amazon.com/bedrock/pricing/", ["bedrock-runtime*.amazonaws.com"]),
    "mistral": ("https://mistral.ai/pricing#api-pricing", ["api.mistral.ai"]),
    "cohere": ("https://cohere.com/pricing", ["api.cohere.*"]),
    "deepseek": ("https://api-docs.deepseek.com/quick_start/pricing", ["api.deepseek.com"]),
    "groq": ("https://groq.com/pricing", ["api.groq.com"]),
    "xai": ("https://docs.x.ai/docs/models", ["api.x.ai"]),
    "perplexity": ("https://docs.perplexity.ai/guides/pricing", ["api.perplexity.ai"]),
    "together_ai": ("https://www.together.ai/pricing", ["api.together.*"]),
    "openrouter": ("https://openrouter.ai/models", ["openrouter.ai"]),
    "cerebras": ("https://www.cerebras.ai/pricing", ["api.cerebras.ai"]),
    "moonshot": ("https://platform.moonshot.ai/docs/pricing/chat", ["api.moonshot.*"]),
    "voyage": ("https://docs.voyageai.com/docs/pricing", ["api.voyageai.com"]),
}
# OpenRouter asks the makers' prices, under names of its own: https://openrouter.ai/docs/faq
OPENROUTER = {"anthropic": "anthropic", "openai": "openai", "gemini": "google", "mistral": "mistralai", "xai": "x-ai",
              "deepseek": "deepseek", "cohere": "cohere", "perplexity": "perplexity", "moonshot": "moonshotai"}
# Tests, previews that nobody can buy, models for music and robots, and prices by size that name no model.
LEFT_OUT = re.compile(r"(-beta|experimental|-gv2|-0309|grok-4.20-multi|gemini-exp|gemini-gemma|learnlm|lyria|robotics|"
                      r"^(pplx-\d|sonar-(small|medium))|together-ai-|us-gov\.|^in\.|"
                      r"deepseek-(coder|r1|v3)|prompt-guard|^anthropic\.claude-(v|instant)|^ai21\.j2|cyber|rosalind|daybreak|"
                      r"-vibe-cli|^claude-sonnet-4-5-20250929-v1:0$|anthropic\..*@|mythos-preview|-law$)")
DATED = re.compile(r"(-\d{4}-\d{2}-\d{2}|[-@]\d{8}|@default)$")
KEPT = re.compile(r"^(litellm_provider|mode|max_(input_|output_)?tokens|tiered_pricing|search_context_cost_per_query|"
                  r"supports_(function_calling|vision|response_schema|audio_input|assistant_prefill|reasoning|"
                  r"adaptive_thinking|legacy_thinking|sampling_params)|(input|output|cache|citation)_.*cost.*|"
                  r"cache_.*_cost.*)$")


def place(name, entry):
    """The provider's name here and the model's, or None where it is not listed."""
    theirs = entry["litellm_provider"]
    vertex = theirs.startswith("vertex_ai")
    if theirs not in PROVIDERS and not vertex:
        return None
    ours, prefixed = ("vertex_ai", True) if vertex else PROVIDERS[theirs]
    for prefix in (theirs + "/", "vertex_ai/", ours + "/"):
        if name.startswith(prefix):
            name = name[len(prefix):]
    if "/" in name and theirs in ("azure", "bedrock", "bedrock_converse", "perplexity", "openai"):
        return None  # prices of a region, or another maker's models
    if theirs == "perplexity" and not name.startswith(("sonar", "pplx")):
        return None  # models that it hosted once
    if name.startswith("ft:") or LEFT_OUT.search(name.rsplit("/", 1)[-1]) or (vertex and theirs == "vertex_ai" and name.startswith("claude")):
        return None
    return ours, ours + "/" + name if prefixed else name


def facts(entry):
    """Without what follows from the rest: reasoning at the price of output, long requests at the usual price."""
    out = {key: value for key, value in entry.items() if KEPT.match(key) and value is not None}
    for key in [key for key in out if key.startswith("output_cost_per_reasoning_token")]:
        if out[key] == out.get(key.replace("_reasoning", "")):
            del out[key]
    for key in [key for key in out if re.search(r"_above_\d+k_tokens", key)]:
        if out[key] == out.get(re.sub(r"_above_\d+k_tokens", "", key)):
            del out[key]
    for tier in ("_flex", "_priority", "_batches", "_ultrafast", "_balanced"):  # a tier without both costs nothing known
        if entry.get("mode") != "embedding" and not all(f"{way}_cost_per_token{tier}" in out for way in ("input", "output")):
            out = {key: value for key, value in out.items() if not key.endswith(tier)}
    return {key: value for key, value in out.items() if not (key.startswith("cache_creation") and value == 0)}


def price(entry):
    return {key: value for key, value in entry.items() if "cost" in key or key == "tiered_pricing"}


def select(table, date):
    chosen = {}
    for name, entry in table.items():
        if entry.get("mode") not in MODES or (entry.get("deprecation_date") or "9999") < date:
            continue
        if not any(key in entry for key in ("input_cost_per_token", "tiered_pricing")):
            continue
        if not (entry.get("max_input_tokens") or entry.get("max_tokens")):
            continue
        found = place(name, entry)
        if not found:
            continue
        ours, listed = found
        entry = facts(entry)
        entry["litellm_provider"] = ours
        if entry["mode"] in ("chat", "responses") and "supports_reasoning" not in entry and (
                ours == "anthropic" or "claude" in listed):
            entry["supports_reasoning"] = False
        if "supports_assistant_prefill" in entry and "claude" not in listed:
            del entry["supports_assistant_prefill"]
        if listed in chosen and len(json.dumps(chosen[listed])) >= len(json.dumps(entry)):
            continue
        chosen[listed] = entry
    return chosen


def shortened(chosen):
    """Without what the rules find under another name."""
    out = {}
    for name, entry in chosen.items():
        undated = DATED.sub("", name)
        if undated != name and undated in chosen and price(chosen[undated]) == price(entry):
            continue
        maker = name.split("/", 1)[1] if "/" in name else ""
        maker = DATED.sub("", maker)
        if entry["litellm_provider"] in ("azure", "vertex_ai") and maker in chosen and (
                price(chosen[maker]) == price(entry)):
            continue
        out[name] = entry
    return out


def openrouter(chosen):
    out = {}
    for name, entry in chosen.items():
        vendor = OPENROUTER.get(entry["litellm_provider"])
        if not vendor or "/" in name or entry["mode"] == "embedding" or DATED.search(name):
            continue
        theirs = re.sub(r"-(\d)-(\d)$", r"-\1.\2", name) if vendor == "anthropic" else name
        if theirs != name or vendor in ("x-ai", "moonshotai") or name.startswith("sonar"):
            usual = {key: value for key, value in entry.items()
                     if not re.search(r"_(flex|priority|batches|ultrafast|balanced)$", key)}
            out[f"openrouter/{vendor}/{theirs}"] = dict(usual, litellm_provider="openrouter")
    return out


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        table = json.load(file)
    table.pop("sample_spec", None)
    chosen = select({name: entry for name, entry in table.items() if "litellm_provider" in entry}, sys.argv[2])
    out = shortened(chosen)
    out.update(openrouter(out))
    order = list(HOSTS)
    named = sorted(out.items(), key=lambda pair: (order.index(pair[1]["litellm_provider"]), pair[0]))
    json.dump(dict(named), sys.stdout, indent=0)
    counts = {}
    for _, entry in named:
        counts[entry["litellm_provider"]] = counts.get(entry["litellm_provider"], 0) + 1
    print(counts, sum(counts.values()), file=sys.stderr)


if __name__ == "__main__":
    main()
