#pragma once
// Shows a text to a model in such a way that the model does not take it for instructions.

#include <string>
#include <string_view>

namespace triage {

/// `text` between two equal lines that its author could not have guessed and that do not occur in it.
std::string fenced(std::string_view text);

/// A text longer than `most` bytes becomes its first and last bytes, about `most` in all, with a marker between; no
/// UTF-8 sequence is cut.
std::string shortened(std::string_view text, std::size_t most);

}  // namespace triage
