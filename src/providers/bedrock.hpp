#pragma once
// The `bedrock` dialect: Amazon Bedrock's Converse and ConverseStream. Facts are from the service model of
// bedrock-runtime and from recorded exchanges.

#include "triage/dialect.hpp"

namespace triage {

const Dialect& bedrock_dialect() noexcept;

}  // namespace triage
