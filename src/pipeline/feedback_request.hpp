#pragma once
// The body of POST /v1/feedback, and whether its route takes it. Pure.

#include "pipeline/live/snapshot.hpp"
#include "triage/feedback.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace triage {

struct FeedbackRequest {
  std::string id;  ///< of the request, or of its completion
  Feedback said;   ///< not empty; as it came
};

/// `body` must be followed by body_padding readable bytes. Errors: invalid_json, json_too_deep, missing_parameter,
/// invalid_value.
Result<FeedbackRequest> read_feedback(std::string_view body, std::uint32_t depth_max);

/// What is kept of it.
struct AcceptedFeedback {
  Feedback said;
  std::vector<std::string_view> left_out;  ///< names of members that are not kept
};

/// By what the request's route says now; a route that is gone takes feedback as the defaults are. Errors:
/// feedback_closed, invalid_value (a text is too long).
Result<AcceptedFeedback> accept_feedback(const Snapshot& snapshot, const PastRequest& request, Feedback said,
                                         std::int64_t now_unix_ms);

}  // namespace triage
