#pragma once
// Tells conversations apart when the client does not: by the way their messages begin.

#include "triage/request.hpp"

#include <optional>
#include <string_view>

namespace triage {

struct Conversation {
  std::string_view opening;  ///< the bytes of the messages up to and including the first user message
  bool continued = false;    ///< more messages follow
};

/// nullopt: there is no user message.
std::optional<Conversation> conversation_of(const ApiRequest& request);

}  // namespace triage
