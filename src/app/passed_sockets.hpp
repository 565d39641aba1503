#pragma once
// Listening sockets from the process that started this one: systemd, or the previous gateway (successor.hpp). As in
// sd_listen_fds(3): LISTEN_FDS of them, from descriptor 3 on, if LISTEN_PID is this process; LISTEN_FDNAMES names them.

#include "triage/spec.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace triage {

struct PassedSockets {
  std::vector<int> api;
  std::vector<int> admin;
};

/// Takes the sockets, and removes the variables, so that nobody else takes them; none if none were passed. Throws
/// std::runtime_error if a gateway cannot serve them.
PassedSockets take_passed_sockets();

/// Tells the sockets apart: by the names `api` and `admin`; under other names the first is for the API, the second for
/// admin, and more are refused (std::runtime_error). Pure.
PassedSockets told_apart(const std::vector<int>& sockets, std::string_view names);

/// The address to check and to show instead of `configured`: `configured` itself if all `sockets` have it, otherwise
/// theirs, preferably one that others can reach.
Address prevailing_address(const std::vector<int>& sockets, const Address& configured);

}  // namespace triage
