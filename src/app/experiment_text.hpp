#pragma once
// What `triage experiment` prints, from what the admin API answers.

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace triage {

std::string experiment_list_text(const nlohmann::ordered_json& list);
std::string experiment_text(const nlohmann::ordered_json& shown);
/// The line that says where it is.
std::string experiment_state_text(const nlohmann::ordered_json& shown);

}  // namespace triage
