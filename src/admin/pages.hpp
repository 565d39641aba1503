#pragma once
// The dashboard on the wire: which paths are its files, which are the views that they ask for, and what keeps pages of
// others out. Pure.
//
// A page of another site must neither read nor change anything here:
//   - a name of its own that leads here (DNS rebinding) is no host of the admin address: is_own_host()
//   - what it can send without asking (a form, an image, a simple request) has no x-triage-dashboard, and is told by
//     Sec-Fetch-Site; for a field of its own a browser asks first (Fetch, CORS-preflight), and OPTIONS is refused
//   - it cannot show the dashboard in a frame, nor bring a script into it (Content-Security-Policy)

#include "dashboard/assets.hpp"
#include "triage/error.hpp"
#include "triage/message.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace triage::admin {

/// Where the pages are; "/" and the same without the slash lead there.
inline constexpr std::string_view dashboard_path = "/dashboard/";

/// The field that the pages send with what a form could send, too.
inline constexpr std::string_view dashboard_field = "x-triage-dashboard";

/// Whether a path leads to the dashboard and has to be spelled dashboard_path.
bool leads_to_dashboard(std::string_view path) noexcept;

/// The file at a path. Null: there is none.
const dashboard::Asset* asset_of(std::string_view path) noexcept;

/// The fields of an answer that has the file.
std::vector<Field> asset_fields(const dashboard::Asset& asset);

/// Whether the request has a tag of If-None-Match that is the file's.
bool has_already(const RequestHead& head, const dashboard::Asset& asset) noexcept;

/// What the pages ask for: a name below /api/ui/.
struct View {
  std::string_view name;
  bool post = false;  ///< it takes a body
};
/// nullopt: there is none of that name.
std::optional<View> view_of(std::string_view path) noexcept;

/// Whether Origin is where the dashboard itself came from: scheme and host of the request's own Host.
bool from_dashboard(const RequestHead& head) noexcept;

/// Why a request for a view is not answered although its host is the admin address.
std::optional<Error> view_refusal(const RequestHead& head, const View& view);

}  // namespace triage::admin
