#pragma once

#include <cstdint>
#include <string>

namespace triage {

/// http(s)://host[:port][/path], without user, query and fragment. `path` has no trailing slash.
struct Url {
  bool tls = false;
  std::string host;  ///< an IPv6 address without its brackets
  std::uint16_t port = 80;
  std::string path;
  bool operator==(const Url&) const = default;
};

}  // namespace triage
