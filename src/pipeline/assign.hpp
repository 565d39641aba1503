#pragma once
// Which policy serves a request: that of the route, or of an arm of its experiment.
//
//   unit   the first of the experiment's `unit` that the request has; without any, the request's id
//   slice  in an exclusive group a unit belongs to one experiment, that with the largest hash of (group, name, unit)
//   draw   hash of (salt, unit), in [0,1); the unit gets the treatment if it is less than the share in force
//
// So the same unit gets the same arm at every replica and after every restart, a share that rises takes the treatment
// from nobody, and the draws of experiments with different salts are independent.
//
// The hash is XXH3 with a seed of its own for each purpose (base/hash.hpp): 53 bits of it are used, so that no share is
// rounded. Experiment SDKs such as GrowthBook's use FNV-1a in steps of 1/10,000; nobody else has to repeat this draw.
//
// A request counts for the experiment if the two arms can differ in how they treat it. Where the client itself has
// chosen (a tier, the course of a cascade, a deployment), it does not: it gets control, and its record names no
// experiment. Whether it has is read from the request alone, so the same requests are left out of both arms. The same
// holds for units of another experiment of the group. At a share of 1 the treatment serves these too.

#include "pipeline/live/snapshot.hpp"
#include "pipeline/passage.hpp"

#include <string_view>

namespace triage {

/// Pure, but for the share, which is read once.
Assignment assign(const LiveRoute& route, const RoutingInput& input, std::string_view id);

/// The same for a call that passes through. It counts only if its model is the route's to choose.
Assignment assign_passage(const Passage& passage, const RoutingInput& input, std::string_view id);

}  // namespace triage
