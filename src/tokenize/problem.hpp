#pragma once

namespace triage::tokenize {

/// What keeps a text from being encoded, as a phrase in static storage; null: nothing does.
using Problem = const char*;

}  // namespace triage::tokenize
