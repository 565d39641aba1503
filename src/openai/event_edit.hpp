#pragma once
// Rewrites an event of one stream as an event of another, for an answer that one provider began and another continues.

#include <optional>
#include <string>
#include <string_view>

namespace triage {

/// How a stream's events identify it, as spelled in JSON; empty if absent.
struct StreamIdentity {
  std::string id;
  std::string created;
  std::string model;
};

/// The event `json` as one of the stream `identity`: with `text`, if given, in place of the first choice's, and without
/// a role unless `role` is set. nullopt if `json` is not a JSON object that can be rewritten.
std::optional<std::string> edited_stream_event(std::string_view json, const StreamIdentity& identity,
                                               std::optional<std::string_view> text, bool role);

}  // namespace triage
