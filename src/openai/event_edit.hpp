#pragma once
// An event of a stream, as one of another stream: for an answer that one provider began and another goes on with.

#include <optional>
#include <string>
#include <string_view>

namespace triage {

/// How a stream's events name it, as spelled in JSON; what is empty was not said.
struct StreamIdentity {
  std::string id;
  std::string created;
  std::string model;
};

/// The event of `json` as one of the stream `identity`: with `text` in place of the first choice's, if given, and
/// without a role unless `role`. Nothing if it is no JSON object that can be written anew.
std::optional<std::string> edited_stream_event(std::string_view json, const StreamIdentity& identity,
                                               std::optional<std::string_view> text, bool role);

}  // namespace triage
