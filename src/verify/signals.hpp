#pragma once
// What every answer is examined for, judged or not: the ledger's signals of quality.

#include "triage/record.hpp"
#include "triage/verifier.hpp"

namespace triage::verify {

/// Examines an answer that has ended, in any way. `schema_failure` is absent if the request asked for no JSON and the
/// answer calls no tools.
Signals look_at(const ChatView& request, const Completion& answer);

}  // namespace triage::verify
