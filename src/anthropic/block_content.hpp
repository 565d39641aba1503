#pragma once
// The messages and content blocks of a Messages request. Part of request_reader.cpp.

#include "base/ascii.hpp"
#include "json/json.hpp"
#include "triage/blocks.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace triage::anthropic {

struct ContentSource {
  std::string_view json;  ///< the body
  JsonReader& in;
  BlockRequest& out;
  std::optional<Error> error{};  ///< the first one

  /// Consumes one value. `string`: empty unless it is one.
  JsonString string();
  std::string_view value();
  /// Consumes one value; whether it says anything.
  bool says();
  void refuse(std::string param, std::string message);
};

/// Consumes `cache_control`: an object, or nothing.
std::string_view read_cache_control(ContentSource& source);

/// Consumes a text, or a list of content blocks. `where` names it in errors.
void read_content(ContentSource& source, const std::string& where, std::vector<Block>& out);

/// Consumes the list `messages`.
void read_turns(ContentSource& source);

}  // namespace triage::anthropic
