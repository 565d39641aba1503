#pragma once
// The files of the dashboard, as the program carries them.

#include <string_view>

namespace triage::dashboard {

struct Asset {
  std::string_view name;  ///< "app.js"
  std::string_view type;  ///< its media type
  std::string_view etag;  ///< with its quotes; changes with the content
  std::string_view content;
};

/// Null: there is none of that name.
const Asset* asset_at(std::string_view name) noexcept;

}  // namespace triage::dashboard
