#pragma once
// Bytes as the gateway's buffers hold them: body_padding readable bytes behind, and no more, so that AddressSanitizer
// sees whoever reads further. The padding is filled with bytes that would change the result if they were taken for
// input.

#include "triage/body_padding.hpp"

#include <algorithm>
#include <memory>
#include <string_view>

namespace triage::test {

class Padded {
 public:
  explicit Padded(std::string_view text, char padding = '"')
      : block_(new char[text.size() + body_padding]), size_(text.size()) {
    std::copy(text.begin(), text.end(), block_.get());
    std::fill_n(block_.get() + size_, body_padding, padding);
  }
  [[nodiscard]] std::string_view view() const noexcept { return {block_.get(), size_}; }

 private:
  std::unique_ptr<char[]> block_;
  std::size_t size_;
};

}  // namespace triage::test
