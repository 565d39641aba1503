#pragma once
// The messages of a chat request as turns of blocks. Part of block_reader.cpp.

#include "json/json.hpp"
#include "triage/blocks.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace triage::openai {

/// What the readers of a chat request share.
struct BlockSource {
  std::string_view json;  ///< the body
  JsonReader in;
  BlockRequest& out;
  std::optional<Error> error{};  ///< the first one

  BlockSource(std::string_view body, BlockRequest& request) : json(body), in(body), out(request) {}

  /// Consumes one value. `string`: empty unless it is one.
  JsonString string();
  std::string_view value();
  /// Consumes one value: true, or a number or object that says something.
  bool says();
  void refuse(std::string param, std::string message);
};

/// Consumes the list `messages`.
void read_messages(BlockSource& source);

}  // namespace triage::openai
