#pragma once
// The `anthropic` dialect: Anthropic's Messages API, and servers that speak it too. Facts are from Anthropic's API
// reference, version 2023-06-01.

#include "triage/dialect.hpp"

namespace triage {

const Dialect& anthropic_dialect() noexcept;

}  // namespace triage
