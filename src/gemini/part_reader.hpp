#pragma once
// The parts of a Gemini request's contents. Part of block_content.cpp.

#include "gemini/block_content.hpp"

#include <optional>

namespace triage::gemini {

/// What one part says: its members come in any order.
struct Part {
  std::optional<JsonString> text;
  bool thought = false;
  JsonString signature;
  std::optional<Block> call;  ///< a further piece of the last one has no name
  std::string_view pieces;    ///< of its arguments: see PartialArgs
  bool goes_on = false;       ///< further pieces come
  std::optional<Block> result;
  Media media;
  bool has_media = false;
};

/// Consumes one part.
Part read_part(Source& source);

/// The block of a part with a file. nullopt: Google keeps the file for an account, which is noted.
std::optional<Block> media_block(const Media& media, BlockRequest& out);

}  // namespace triage::gemini
