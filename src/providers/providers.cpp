#include "providers/providers.hpp"

#include "providers/anthropic.hpp"
#include "providers/azure.hpp"
#include "providers/bedrock.hpp"
#include "providers/gemini.hpp"
#include "providers/openai.hpp"
#include "providers/responses.hpp"
#include "providers/vertex.hpp"

#include <array>

namespace triage {
namespace {

/// The list, one line per dialect. Its name is what Dialect::name() returns.
const std::array<const Dialect*, 7>& dialects() noexcept {
  static const std::array<const Dialect*, 7> list{
      &openai_dialect(),  &responses_dialect(), &anthropic_dialect(), &azure_dialect(),
      &bedrock_dialect(), &gemini_dialect(),    &vertex_dialect(),
  };
  return list;
}

}  // namespace

const Dialect* find_dialect(std::string_view name) noexcept {
  for (const Dialect* dialect : dialects())
    if (dialect->name() == name) return dialect;
  return nullptr;
}

const Dialect* dialect_for(const Provider& provider, const Deployment& deployment) noexcept {
  const Dialect* const dialect = find_dialect(provider.dialect);
  return dialect == &vertex_dialect() ? &vertex_dialect(deployment) : dialect;
}

std::vector<std::string_view> dialect_names() {
  std::vector<std::string_view> names;
  for (const Dialect* dialect : dialects()) names.push_back(dialect->name());
  return names;
}

}  // namespace triage
