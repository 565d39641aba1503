#pragma once
// The request header `x-simulate`: how this one answer is to go wrong. docs/simulate.md lists the directives.
//
//   x-simulate: cut-after=20; drip-ms=5

#include "simulate/fault.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace triage::simulate {

struct Misbehaviour {
  // to which requests it applies
  std::string model;        ///< only to this model; empty: to any
  std::uint32_t first = 0;  ///< only to the first N requests that carry the same header; 0: to all

  // instead of an answer
  std::optional<int> status;
  std::optional<std::chrono::seconds> retry_after;
  std::string code;  ///< error.code of `status`
  bool drop = false;
  bool html = false;
  bool error_body = false;

  // before and while answering; counts are in tokens
  std::chrono::milliseconds delay{0};
  std::chrono::milliseconds ttft{0};
  std::optional<std::uint32_t> cut_after, stall_after, malformed_at, error_after;
  std::optional<std::chrono::milliseconds> stall;  ///< absent: forever
  std::optional<std::chrono::milliseconds> drip;   ///< bytes one at a time; 0: without a pause
  std::size_t event_bytes = 0;                     ///< the answer is one event of this size
  bool empty = false;
  bool no_usage = false;
  bool no_done = false;
};

/// Reads the header's value. Strict: an unknown directive is a fault, so that a test cannot silently do nothing.
std::optional<Fault> read_misbehaviour(std::string_view header, Misbehaviour& out);

}  // namespace triage::simulate
