#include "blocks/event_order.hpp"

namespace triage {
namespace {

bool is_signed(BlockKind kind) noexcept {
  return kind == BlockKind::thought || kind == BlockKind::call || kind == BlockKind::text;
}

}  // namespace

std::string EventOrder::next(const BlockEvent& event) {
  using Kind = BlockEvent::Kind;
  if (event.kind == Kind::begin) return std::exchange(begun_, true) ? "it begins twice" : "";
  if (!begun_) return "it does not begin";
  if (event.kind == Kind::usage) return event.usage ? "" : "a usage says nothing";
  if (finished_) return "it goes on behind its end";
  switch (event.kind) {
    case Kind::block_begin:
      if (open_) return "a block begins inside another";
      if (event.index != blocks_) return "blocks are not counted from 0";
      open_ = true;
      kind_ = event.block;
      ++blocks_;
      return "";
    case Kind::citation:
      if (!open_ || event.index + 1 != blocks_ || kind_ != BlockKind::text) return "a citation belongs to no open text";
      return event.id.raw.empty() ? "a citation names no page" : "";
    case Kind::delta:
    case Kind::signature:
      if (!open_ || event.index + 1 != blocks_ || event.block != kind_) return "a piece belongs to no open block";
      return event.kind == Kind::signature && !is_signed(kind_) ? "what is signed is no thought, call or text" : "";
    case Kind::block_end:
      if (!open_ || event.index + 1 != blocks_) return "a block ends that is not open";
      open_ = false;
      return "";
    default: break;
  }
  if (open_) return "it ends inside a block";
  finished_ = true;
  return "";
}

}  // namespace triage
