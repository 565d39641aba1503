#include "providers/providers.hpp"

#include "providers/anthropic.hpp"
#include "providers/openai.hpp"
#include "providers/responses.hpp"

#include <array>

namespace triage {
namespace {

/// The list, one line per dialect. Its name is what Dialect::name() returns.
const std::array<const Dialect*, 3>& dialects() noexcept {
  static const std::array<const Dialect*, 3> list{
      &openai_dialect(),
      &anthropic_dialect(),
      &responses_dialect(),
  };
  return list;
}

}  // namespace

const Dialect* find_dialect(std::string_view name) noexcept {
  for (const Dialect* dialect : dialects())
    if (dialect->name() == name) return dialect;
  return nullptr;
}

std::vector<std::string_view> dialect_names() {
  std::vector<std::string_view> names;
  for (const Dialect* dialect : dialects()) names.push_back(dialect->name());
  return names;
}

}  // namespace triage
