#pragma once
// A text that a model is shown without being told by it what to do.

#include <string>
#include <string_view>

namespace triage {

/// `text` between two equal lines that nobody who wrote it could know, and that do not stand in it.
std::string fenced(std::string_view text);

/// Of a longer text its first and last bytes, about `most` in all, with a mark between; no UTF-8 sequence is cut.
std::string shortened(std::string_view text, std::size_t most);

}  // namespace triage
