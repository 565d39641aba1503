#pragma once

#include <string>
#include <string_view>

namespace triage::tokenize {

/// Appends `text` with each byte as the character that GPT-2 writes it as.
void append_byte_level(std::string& out, std::string_view text);

}  // namespace triage::tokenize
