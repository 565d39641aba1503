#pragma once
// What the gateway itself asks a model: routers that let a model choose, verifiers that let a model judge. They say
// what to ask and read what comes back, both pure; the pipeline makes the call, bills it, and gives up in time.

#include <chrono>
#include <string>
#include <string_view>

namespace triage {

struct Question {
  std::string_view deployment;  ///< a name of the config's; lives as long as the snapshot
  std::string body;             ///< a body of /v1/chat/completions; its `model` is replaced by the deployment's
  std::chrono::milliseconds timeout{};
};

}  // namespace triage
