#pragma once
// The keys of a price table, described like those of the config in describe.hpp.

#include "config/describe.hpp"
#include "config/price_table.hpp"
#include "options/type_of.hpp"

template <>
inline constexpr bool triage::options::is_named<triage::config::ListedModel> = true;
template <>
inline constexpr bool triage::options::is_named<triage::config::PriceProvider> = true;

namespace triage::config {

inline void describe(options::Describer& v, PriceProvider& s) {
  v.field({.name = "source", .text = "the page that its prices are on"}, s.source);
  v.field({.name = "hosts", .text = "where its models are asked; `*` stands for any text", .check = check_glob},
          s.hosts);
}

inline void describe(options::Describer& v, ListedModel& s) {
  v.field({.name = "provider", .text = "whose price it is"}, s.provider);
  triage::describe(v, s.price);
  v.field({.name = "context_window", .text = "tokens that fit", .least = 1, .most = 1000 * options::million},
          s.context_window);
  v.field({.name = "max_output", .text = "tokens that an answer may have", .least = 1, .most = 1000 * options::million},
          s.max_output);
  v.field({.name = "thinking", .text = "how it is asked to think"}, s.thinking);
  v.field({.name = "sampling", .text = "whether it takes temperature, top_p and top_k"}, s.sampling);
  v.field({.name = "capabilities", .text = "what it can do", .check = check_name}, s.capabilities);
}

inline void describe(options::Describer& v, PriceTable& s) {
  v.field({.name = "date", .text = "when these were the prices", .required = true, .check = check_date}, s.date);
  v.field({.name = "providers", .text = "where the prices are from"}, s.providers);
  v.field({.name = "models", .text = "what each costs", .required = true}, s.models);
}

}  // namespace triage::config
