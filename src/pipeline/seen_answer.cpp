#include "pipeline/seen_answer.hpp"

#include "openai/completion.hpp"
#include "triage/body_padding.hpp"

namespace triage {

void SeenAnswer::whole(std::string_view body) {
  std::string padded;
  padded.reserve(body.size() + body_padding);
  padded = body;
  add_to_completion(padded, answer_);
}

void SeenAnswer::events(std::string_view events) {
  if (answer_.text.size() > text_most_) return;
  if (!reader_) reader_.emplace(event_most_);
  reader_->feed_copy(events);
  for (;;) {
    const auto event = reader_->next();
    if (!event || !*event) return;
    if ((*event)->data != "[DONE]") add_to_completion((*event)->data, answer_);
  }
}

}  // namespace triage
