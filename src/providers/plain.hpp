#pragma once

#include "triage/dialect.hpp"

namespace triage {

const Dialect& plain_dialect() noexcept;

}  // namespace triage
