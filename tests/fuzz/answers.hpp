#pragma once
// What the fuzz targets of the providers' answers share.

#include "blocks/event_order.hpp"
#include "fuzz_check.hpp"
#include "json/json.hpp"
#include "support/padded.hpp"
#include "triage/blocks.hpp"

#include <memory>
#include <string_view>
#include <vector>

namespace triage::fuzz {

inline void check_json(std::string_view text, const char* what) {
  const test::Padded json(text);
  JsonReader in(json.view());
  check(in.skip() && in.finish(), what);
}

/// The events of a whole answer are in their order. Returns whether it ends.
inline bool check_order(const BlockAnswer& answer) {
  EventOrder order;
  for (const BlockEvent& event : answer.events)
    check(order.next(event).empty(), "an event of a whole answer in its order");
  return order.finished();
}

/// Pieces that stay where they are, each with its padding, as a connection's buffer would hold them.
class Pieces {
 public:
  std::string_view add(std::string_view bytes) {
    return pieces_.emplace_back(std::make_unique<test::Padded>(bytes, '\n'))->view();
  }

 private:
  std::vector<std::unique_ptr<test::Padded>> pieces_;
};

}  // namespace triage::fuzz
