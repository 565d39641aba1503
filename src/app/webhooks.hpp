#pragma once
// Tells webhooks of the decisions of experiments, on one loop, one POST at a time. What waits is bounded; a failed POST
// is tried again, each time after twice as long. What cannot be told is counted: the journal has it all the same.
//
//   POST URL   content-type: application/json
//   x-triage-timestamp: Unix time in seconds
//   x-triage-signature: sha256=HEX, the HMAC-SHA-256 of TIMESTAMP "." BODY under the webhook's secret

#include "base/loop.hpp"
#include "base/metrics.hpp"
#include "experiment/line.hpp"
#include "triage/spec.hpp"
#include "upstream/http_upstream.hpp"

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace triage {

/// What is sent: the decision as in the journal.
std::string webhook_body(const experiment::Decision& decision);
/// The value of x-triage-signature.
std::string webhook_signature(std::string_view secret, std::string_view timestamp, std::string_view body);

class Webhooks {
 public:
  Webhooks(Loop& loop, Metrics& metrics);
  ~Webhooks();

  // Thread-safe.
  /// The webhooks of the experiments in `config`.
  void use(const ConfigSpec& config);
  void tell(const experiment::Decision& decision);
  /// Gives up what waits. To be called before the loop ends.
  void stop();

  static constexpr std::size_t waiting_max = 256;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace triage
