#pragma once
// The turns of a conversation as Gemini's contents. Part of request_writer.cpp.

#include "triage/blocks.hpp"
#include "triage/spec.hpp"

#include <string>

namespace triage::gemini {

/// Whether a text says nothing.
bool is_blank(const JsonString& text);

/// Appends `"contents":[...]`.
void write_contents(const BlockRequest& request, const Deployment& deployment, std::string& out);

}  // namespace triage::gemini
