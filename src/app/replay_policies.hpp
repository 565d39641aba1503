#pragma once
// The policies that a replay compares, those of the arms of experiments, and which of them made a record.
//
// That is known where the record's configuration is OLD or NEW, by their versions, or its experiment is that of OLD or
// NEW. Otherwise OLD is taken to have made it if OLD's routers say what the record says, and the arms of an unknown
// experiment to be those of OLD and NEW whose routers say what nearly all of the arm's records say.

#include "app/replay_policy.hpp"
#include "app/replay_run.hpp"
#include "app/row_request.hpp"

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace triage {

/// The request with its recorded text.
class LoggedText {
 public:
  LoggedText(const ledger::LoggedRequest& logged, std::uint32_t depth_max) {
    if (!logged.prompt.empty()) request_.emplace(logged.prompt, logged.model_requested, depth_max);
  }
  /// Null: it has none.
  [[nodiscard]] const RoutingInput* input() const {
    return request_ && !request_->error() ? &request_->input() : nullptr;
  }

 private:
  std::optional<RowRequest> request_;
};

class ReplayPolicies {
 public:
  static constexpr std::size_t old_one = 0;  ///< OLD
  static constexpr std::size_t new_one = 1;  ///< NEW

  /// The policies of an experiment's arms.
  struct Arms {
    std::size_t control = old_one;
    std::size_t treatment = new_one;
  };
  enum class Known : std::uint8_t { by_version, by_experiment, assumed, not_at_all };
  struct Maker {
    Known how = Known::not_at_all;
    std::optional<std::size_t> policy = std::nullopt;
  };

  /// Reads the ledger if it has experiments that neither configuration has.
  ReplayPolicies(const Loaded& before, const Loaded& after, const ReplayOptions& options);

  [[nodiscard]] const ReplayPolicy& operator[](std::size_t at) const { return *policies_[at]; }
  [[nodiscard]] const Likenesses& like(std::size_t of, std::size_t recorded_by) const { return like_[of][recorded_by]; }
  /// The first policy with the same cascade, or ensemble.
  [[nodiscard]] std::size_t cascade_of(std::size_t of) const { return parts_[of][0]; }
  [[nodiscard]] std::size_t ensemble_of(std::size_t of) const { return parts_[of][1]; }

  /// nullopt: none, or not known.
  [[nodiscard]] std::optional<Arms> arms_of(const ledger::LoggedRequest& logged) const;
  /// `input`: the request with its text, or null.
  [[nodiscard]] Maker maker(const ledger::LoggedRequest& logged, const RoutingInput* input) const;

  /// For people: which experiments' arms were recognised by what they did.
  [[nodiscard]] std::vector<std::string> notes() const;

 private:
  using Key = std::pair<std::string, std::string>;  // an experiment's name and version
  void add_arms(const Loaded& loaded, const std::string& route);
  void compare();
  void guess_arms(const ReplayOptions& options);

  std::vector<std::unique_ptr<ReplayPolicy>> policies_;  // OLD, NEW, then arms
  std::vector<std::vector<Likenesses>> like_;
  std::vector<std::array<std::size_t, 2>> parts_;
  std::map<Key, Arms> arms_;
  std::vector<Key> guessed_;
};

}  // namespace triage
