#pragma once
// The part of CEL (cel.dev) that gateways write about requests: comparisons of fields with literals, joined by &&, ||
// and !. Everything else is refused, so that no condition is taken for another one.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace triage::imports {

struct Cel {
  enum class Kind { all, any, negated, test };

  Kind kind = Kind::test;
  std::vector<Cel> inner;
  // of a test
  std::string field;                     ///< request.headers[x-chaos], llmRequest.metadata.tier
  std::string op;                        ///< == != < <= > >= in startsWith endsWith contains; has: it is there
  std::vector<std::string> values;       ///< one, but of `in`
  std::optional<std::string> otherwise;  ///< default(field, otherwise)
};

/// nullopt: there is more in it.
std::optional<Cel> parse_cel(std::string_view text);

}  // namespace triage::imports
