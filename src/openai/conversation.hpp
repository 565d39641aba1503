#pragma once
// What tells one conversation from another when the client does not say: how its messages begin.

#include "triage/request.hpp"

#include <optional>
#include <string_view>

namespace triage {

struct Conversation {
  std::string_view opening;  ///< the bytes of the messages up to the first of the user, that one included
  bool continued = false;    ///< there are messages behind it
};

/// nullopt: no message of a user.
std::optional<Conversation> conversation_of(const ApiRequest& request);

}  // namespace triage
