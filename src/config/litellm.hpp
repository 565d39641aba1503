#pragma once
// Reads LiteLLM's model_prices_and_context_window.json as a price table.

#include "config/price_table.hpp"
#include "triage/error.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace triage::config {

struct ImportedPrices {
  PriceTable table;                                         ///< undated, because the file has no date
  std::map<std::string, std::vector<std::string>> skipped;  ///< reason -> models
  std::size_t rounded = 0;                                  ///< prices finer than a femto-USD per token
};

/// Error: invalid_value, what is wrong with the file as a whole.
Result<ImportedPrices> import_litellm(std::string_view json);

}  // namespace triage::config
