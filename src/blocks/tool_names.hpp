#pragma once
// Names of tools that a provider refuses. Such a name is sent changed, the same way every time, and an answer's calls
// get the client's own names back.

#include "triage/blocks.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace triage {

/// `name` as a provider of this form takes it: itself, or its letters, digits and '_' with a hash of it behind them.
std::string sent_tool_name(std::string name, WireForm form);

/// `reader` itself, unless tools of `request` are sent with other names to a provider of this form.
std::unique_ptr<BlockReader> with_own_tool_names(std::unique_ptr<BlockReader> reader, const BlockRequest& request,
                                                 WireForm form);
/// The same for a whole answer.
void give_own_tool_names(BlockAnswer& answer, const BlockRequest& request, WireForm form);

}  // namespace triage
