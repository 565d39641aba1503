#pragma once
// Conditions of heuristic rules (`when`), as YAML.

#include <string>
#include <string_view>
#include <vector>

namespace triage::imports {

std::string all_of(const std::vector<std::string>& conditions);
std::string any_of(const std::vector<std::string>& conditions);
std::string not_of(const std::string& condition);

/// An entry of the request's metadata.
std::string metadata_is(std::string_view name, std::string_view glob);
/// A request without that entry.
std::string no_metadata(std::string_view name);
/// `field` is tokens, max_tokens ...; `bound` gt, gte, lt or lte.
std::string bounded(std::string_view field, std::string_view bound, double number);

}  // namespace triage::imports
