#pragma once

#include "triage/usage.hpp"

namespace triage {

/// Of what several events say of one answer the largest of each figure counts: some name the input in the first and the
/// output in the last, some send zeros behind the figures.
void merge(const UsageReport& more, UsageReport& into) noexcept;

/// The figures of several choices, each with a report of its own: their outputs add up.
void add_choice(const UsageReport& choice, UsageReport& into) noexcept;

/// In one form.
Usage settled(const UsageReport& said) noexcept;

}  // namespace triage
