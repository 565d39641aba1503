#pragma once
// The items of a Responses request, and its tools. Part of request_reader.cpp.

#include "json/json.hpp"
#include "triage/blocks.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace triage::responses {

/// What the readers of a request share.
struct RequestSource {
  std::string_view json;  ///< the body
  JsonReader& in;
  BlockRequest& out;
  std::optional<Error> error{};  ///< the first thing that has no meaning here

  /// Consumes one value. `string`: empty unless it is one.
  JsonString string();
  std::string_view value();
  /// Consumes one value; whether it says anything.
  bool says();
  void refuse(std::string param, std::string message);
  /// Names a member that is not passed on.
  void note_unknown(std::string name);
};

/// A tool of a namespace as tools are called elsewhere, which have none.
std::string flat_name(const JsonString& space, const JsonString& name);
/// The same, unless `space` is empty.
JsonString name_in_space(RequestSource& source, const JsonString& space, const JsonString& name);

/// Consumes `input`: a text, or a list of items.
void read_input(RequestSource& source);

/// Consumes a list of tools.
void read_tools(RequestSource& source);

}  // namespace triage::responses
