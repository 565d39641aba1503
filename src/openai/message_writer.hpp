#pragma once
// Turns of blocks as the messages of a chat completion. Part of chat_writer.cpp.

#include "triage/blocks.hpp"
#include "triage/quirks.hpp"

#include <string>

namespace triage::openai {

/// Appends the list `messages`. Turns of tools' results come first, each as a message of the role `tool`; images and
/// files in them follow as the user's. Thoughts are told as `quirks` say, which is not at all without a word.
/// `own_names`: tools keep the client's names for them, whether or not a provider takes these.
void append_messages(std::string& out, const BlockRequest& request, const Quirks& quirks, bool own_names);

/// `id` if it is nine letters and digits, else as many of a hash of it, which is the same in every turn.
std::string nine_of(const JsonString& id);

}  // namespace triage::openai
