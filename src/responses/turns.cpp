#include "responses/turns.hpp"

#include <algorithm>

namespace triage::responses {
namespace {

bool has(const BlockTurn& turn, BlockKind kind) {
  return std::ranges::any_of(turn.blocks, [kind](const Block& block) { return block.kind == kind; });
}

}  // namespace

void Turns::add_user(std::vector<Block> blocks) {
  turns_.push_back({Role::user, std::move(blocks)});
}

void Turns::add_system(std::vector<Block> blocks) {
  if (!turns_.empty()) return void(turns_.push_back({Role::system, std::move(blocks)}));
  for (Block& block : blocks) out_.system.push_back(std::move(block));
}

void Turns::add_message(std::vector<Block> blocks) {
  const bool apart = !turns_.empty() && turns_.back().role == Role::assistant && has(turns_.back(), BlockKind::text) &&
                     !has(turns_.back(), BlockKind::call);
  if (apart) turns_.push_back({Role::assistant, {}});
  for (Block& block : blocks) add(std::move(block));
}

void Turns::add(Block block) {
  if (turns_.empty() || turns_.back().role != Role::assistant) turns_.push_back({Role::assistant, {}});
  turns_.back().blocks.push_back(std::move(block));
}

void Turns::add_result(Block block) {
  const auto calls = std::find_if(turns_.rbegin(), turns_.rend(), [](const BlockTurn& turn) {
    return turn.role == Role::assistant && has(turn, BlockKind::call);
  });
  auto at = calls == turns_.rend() ? turns_.end() : calls.base();
  if (at == turns_.end() || at->role != Role::user || !has(*at, BlockKind::result))
    at = turns_.insert(at, {Role::user, {}});
  at->blocks.push_back(std::move(block));
}

void Turns::sign(const JsonString& signature) {
  if (!turns_.empty() && turns_.back().role == Role::assistant) turns_.back().blocks.back().signature = signature;
}

}  // namespace triage::responses
