#include "admin/pages.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace triage::admin {
namespace {

constexpr std::string_view views_path = "/api/ui/";

// Everything comes from here, and nothing is written into a page as code or style.
constexpr std::string_view policy =
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'";

constexpr std::array<View, 11> views{{{"names"},
                                      {"overview"},
                                      {"quality"},
                                      {"standing"},
                                      {"requests"},
                                      {"request"},
                                      {"forecast"},
                                      {"explain", true},
                                      {"check", true},
                                      {"sweep", true},
                                      {"replay", true}}};

}  // namespace

bool leads_to_dashboard(std::string_view path) noexcept {
  return path == "/" || path == dashboard_path.substr(0, dashboard_path.size() - 1);
}

const dashboard::Asset* asset_of(std::string_view path) noexcept {
  if (!path.starts_with(dashboard_path)) return nullptr;
  path.remove_prefix(dashboard_path.size());
  return dashboard::asset_at(path.empty() ? "index.html" : path);
}

std::vector<Field> asset_fields(const dashboard::Asset& asset) {
  return {{"content-type", asset.type},
          {"etag", asset.etag},
          {"cache-control", "no-cache"},
          {"content-security-policy", policy},
          {"x-content-type-options", "nosniff"},
          {"x-frame-options", "DENY"},
          {"referrer-policy", "no-referrer"},
          {"cross-origin-opener-policy", "same-origin"},
          {"cross-origin-resource-policy", "same-origin"}};
}

bool has_already(const RequestHead& head, const dashboard::Asset& asset) noexcept {
  const auto known = find_field(head.fields, "if-none-match");
  return known && known->find(asset.etag) != std::string_view::npos;
}

std::optional<View> view_of(std::string_view path) noexcept {
  if (!path.starts_with(views_path)) return std::nullopt;
  const auto* const found = std::ranges::find(views, path.substr(views_path.size()), &View::name);
  return found != views.end() ? std::optional(*found) : std::nullopt;
}

bool from_dashboard(const RequestHead& head) noexcept {
  const auto origin = find_field(head.fields, "origin");
  if (!origin || head.host.empty() || !find_field(head.fields, dashboard_field)) return false;
  for (const std::string_view scheme : {"http://", "https://"})  // https: before a proxy
    if (origin->starts_with(scheme) && iequals(origin->substr(scheme.size()), head.host)) return true;
  return false;
}

std::optional<Error> view_refusal(const RequestHead& head, const View& view) {
  const auto site = find_field(head.fields, "sec-fetch-site");
  const bool foreign = site && *site != "same-origin" && *site != "none";
  if (foreign || (find_field(head.fields, "origin") && !from_dashboard(head)))
    return Error{ErrorCode::origin_not_allowed, "only the dashboard's own pages may ask for this"};
  if (view.post && !find_field(head.fields, dashboard_field))
    return Error{ErrorCode::origin_not_allowed,
                 "the field " + std::string(dashboard_field) + " is missing; send it with the value 1"};
  return std::nullopt;
}

}  // namespace triage::admin
