#include "answer/tally.hpp"

namespace triage {

void AnswerTally::add(const AnswerEvent& event) {
  for (const AnswerPiece& piece : event.pieces) estimate_.add(piece);
  for (const AnswerChoice& choice : event.choices) note(choice);
  if (event.usage) usage_ = event.usage;
}

void AnswerTally::add_whole(const AnswerEvent& event) {
  usage_ = event.usage;
  for (const AnswerChoice& choice : event.choices)
    if (!choice.finish_reason.empty()) finish_reason_ = choice.finish_reason.substr(0, finish_reason_bytes_max);
  if (usage_) return;
  for (const AnswerPiece& piece : event.pieces) estimate_.add(piece);
}

void AnswerTally::note(const AnswerChoice& choice) {
  if (choice.index >= choices_max) return;
  if (choice.index >= choices_.size()) choices_.resize(choice.index + 1, Choice::unseen);
  Choice& state = choices_[choice.index];
  if (state == Choice::unseen) {
    state = Choice::open;
    ++seen_;
  }
  if (choice.finish_reason.empty()) return;
  finish_reason_ = choice.finish_reason.substr(0, finish_reason_bytes_max);
  if (state == Choice::open) {
    state = Choice::finished;
    ++finished_;
  }
}

}  // namespace triage
