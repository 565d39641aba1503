#pragma once
// What a request carries besides its last turn, read out of its body when a check asks for it.

#include "triage/request.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace triage::verify {

/// Calls text() with each text of the messages (or the prompt), unescaped; stops when it returns false. The view is
/// valid during the call.
void each_text(const ApiRequest& request, const std::function<bool(std::string_view text)>& text);

/// The JSON of response_format.json_schema.schema; empty: there is none.
std::string_view schema_wanted(const ApiRequest& request);

struct DeclaredTool {
  std::string name;
  std::string_view parameters;  ///< a schema; empty: none is declared, or the tool takes plain text
  bool json = true;             ///< its arguments are JSON
};

/// `tool_choice`, or the older `function_call`.
struct ToolChoice {
  bool none = false;      ///< no tool may be called
  bool required = false;  ///< one must be
  std::string name;       ///< it must be this one; empty: any
};
ToolChoice tool_choice(const ApiRequest& request);

/// Of `tools` and `functions`; calls tool() with each, stops when it returns false.
void each_tool(const ApiRequest& request, const std::function<bool(const DeclaredTool& tool)>& tool);

}  // namespace triage::verify
