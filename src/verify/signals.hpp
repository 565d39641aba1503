#pragma once
// What every answer is looked through for, judged or not: the ledger's signals of quality.

#include "triage/record.hpp"
#include "triage/verifier.hpp"

namespace triage::verify {

/// Of an answer that came to its end, whichever. `schema_failure` is absent where the request asked for no JSON and the
/// answer calls no tools.
Signals look_at(const ChatView& request, const Completion& answer);

}  // namespace triage::verify
