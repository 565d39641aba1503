#pragma once
// A conversation of another dialect as a chat request: what routers and verifiers see of it, and what a provider that
// speaks chat completions is sent.

#include "triage/blocks.hpp"

#include <string>
#include <string_view>

namespace triage::openai {

struct WrittenChat {
  std::string body;
  Span max_tokens;  ///< the name of that member, quotes included; empty: there is none
};

/// The same request gives the same bytes, in whatever order its members came. Results become messages of the role
/// `tool`; images and files in them follow as the user's. Thoughts are left out.
WrittenChat write_chat(const BlockRequest& request, std::string_view model);

}  // namespace triage::openai
