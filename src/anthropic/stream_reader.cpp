#include "anthropic/answer_reader.hpp"
#include "openai/sse_blocks.hpp"

namespace triage::anthropic {

std::unique_ptr<BlockReader> make_block_reader(std::size_t event_bytes_max) {
  return std::make_unique<openai::SseBlocks<AnswerEvents>>(event_bytes_max);
}

}  // namespace triage::anthropic
