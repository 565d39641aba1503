#pragma once

#include "upstream/call.hpp"
#include "upstream/http_upstream.hpp"
#include "upstream/resolver.hpp"

#include <unordered_map>

namespace triage {

/// Shared with the calls under way, which may outlive the upstream.
struct HttpUpstream::State {
  State(Loop& on, UpstreamOptions with, Metrics& into);

  /// The connections of a provider: others, if anything that decides where they go has changed.
  std::shared_ptr<upstream::Origin> origin_of(const Provider& provider);

  Loop& loop;
  Metrics& metrics;
  upstream::Resolver resolver;
  Counter& retries;
  upstream::Watch::Node calls;
  std::shared_ptr<upstream::Workspaces> workspaces = std::make_shared<upstream::Workspaces>();
  std::unordered_map<std::string, std::shared_ptr<upstream::Origin>> origins;
};

}  // namespace triage
