#pragma once
// Where the items of a Responses request become turns: items are not turns. Those of the assistant that follow each
// other are one, and so are results, which stand right behind their calls, whatever came between. Part of
// input_items.cpp.

#include "triage/blocks.hpp"

#include <vector>

namespace triage::responses {

class Turns {
 public:
  explicit Turns(BlockRequest& out) : out_(out), turns_(out.turns) {}

  void add_user(std::vector<Block> blocks);
  void add_system(std::vector<Block> blocks);
  /// What the assistant says. Behind another text it is a turn of its own, but not between calls and their results.
  void add_message(std::vector<Block> blocks);
  /// What the assistant does, or thinks.
  void add(Block block);
  void add_result(Block block);
  /// The signature of what the assistant did last.
  void sign(const JsonString& signature);

 private:
  BlockRequest& out_;
  std::vector<BlockTurn>& turns_;
};

}  // namespace triage::responses
