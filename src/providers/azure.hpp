#pragma once
// The `azure` dialect: OpenAI's API at Azure, which differs in its paths and in the name of the key. A deployment's
// `model` is the name that it has at Azure.

#include "triage/dialect.hpp"

namespace triage {

const Dialect& azure_dialect() noexcept;

namespace azure {

/// The path and query that `path`, such as "/chat/completions", has at `provider` for this model.
std::string target_of(const Provider& provider, std::string_view path, std::string_view query, std::string_view model);

}  // namespace azure
}  // namespace triage
