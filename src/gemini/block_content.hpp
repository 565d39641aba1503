#pragma once
// The contents of a Gemini request as turns of blocks. Part of request_reader.cpp.

#include "openai/block_messages.hpp"
#include "triage/blocks.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace triage::gemini {

using Source = openai::BlockSource;

/// Notes a member that is not carried, if it says anything. Consumes its value.
void read_unknown(Source& source, const JsonString& name);

/// Consumes the list `contents`, or a single content.
void read_contents(Source& source);

/// Consumes `systemInstruction`: a content, or a text.
void read_system(Source& source);

}  // namespace triage::gemini
