#pragma once
// Who is asking: gateway keys.

#include "pipeline/live/snapshot.hpp"
#include "triage/message.hpp"

namespace triage {

/// The key that the client presents (`Authorization: Bearer ...`), or null where the gateway has no keys.
/// Only hashes are known and compared, in constant time. Error: invalid_api_key.
Result<const KeySpec*> authenticate(const Snapshot& snapshot, const RequestHead& head);

/// Whether `key` (null: anonymous, may use everything) may use `route`. A null route stands for a deployment named by
/// the client, which a key restricted to routes may not use.
bool may_use(const KeySpec* key, const RouteSpec* route) noexcept;

}  // namespace triage
