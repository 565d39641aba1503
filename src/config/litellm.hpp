#pragma once
// LiteLLM's model_prices_and_context_window.json, as a price table.

#include "config/price_table.hpp"
#include "triage/error.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace triage::config {

struct ImportedPrices {
  PriceTable table;                                         ///< without a date: the file has none
  std::map<std::string, std::vector<std::string>> skipped;  ///< why -> which
  std::size_t rounded = 0;                                  ///< prices finer than a femto-USD per token
};

/// Errors: invalid_value, what is wrong with the whole.
Result<ImportedPrices> import_litellm(std::string_view json);

}  // namespace triage::config
