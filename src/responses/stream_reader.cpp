#include "openai/sse_blocks.hpp"
#include "responses/answer_reader.hpp"

namespace triage::responses {

std::unique_ptr<BlockReader> make_block_reader(std::size_t event_bytes_max) {
  return std::make_unique<openai::SseBlocks<AnswerEvents>>(event_bytes_max);
}

}  // namespace triage::responses
