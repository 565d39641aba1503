#pragma once
// Writes records and events as the JSON of their journal lines. docs/ledger.md lists every member.

#include "base/buffer.hpp"
#include "triage/event.hpp"
#include "triage/record.hpp"

namespace triage::ledger {

/// The `v` of what is written. It is raised only when a member's meaning changes; new members need no new version.
inline constexpr int record_version = 1;

/// Appends the object without its closing brace: append_line() adds the rest. Without `content` the record says
/// `"content":"omitted"` in place of prompt and answer.
void append_record(Buffer& out, const LedgerRecord& record, bool content = true);
void append_event(Buffer& out, const LedgerEvent& event);

}  // namespace triage::ledger
