#include "answer/tally.hpp"

#include "answer/usage.hpp"

#include <algorithm>

namespace triage {

void AnswerTally::add(const AnswerEvent& event) {
  for (const AnswerPiece& piece : event.pieces) estimate_.add(piece);
  for (const AnswerChoice& choice : event.choices) note(choice);
  note_bill(event);
}

void AnswerTally::add_whole(const AnswerEvent& event) {
  note_bill(event);
  for (const AnswerChoice& choice : event.choices)
    if (!choice.finish_reason.empty()) finish_reason_ = choice.finish_reason.substr(0, finish_reason_bytes_max);
  if (event.usage && event.usage->output > 0) return;
  if (const auto told = usage(); told && told->output > 0) return;
  for (const AnswerPiece& piece : event.pieces) estimate_.add(piece);
}

void AnswerTally::note_bill(const AnswerEvent& event) {
  if (event.usage) {
    if (reported_)
      merge(*event.usage, *reported_);
    else
      reported_ = event.usage;
  }
  for (const ChoiceUsage& said : event.choice_usage) {
    const auto is = [&](const ChoiceUsage& known) { return known.choice == said.choice; };
    const auto known = std::ranges::find_if(of_choices_, is);
    if (known != of_choices_.end())
      merge(said.usage, known->usage);
    else if (of_choices_.size() < choices_max)
      of_choices_.push_back(said);
  }
  cites_ = cites_ || event.cites;
  if (!event.service_tier.empty() && service_tier_ != event.service_tier)
    service_tier_ = event.service_tier.substr(0, service_tier_bytes_max);
}

std::optional<UsageReport> AnswerTally::reported() const {
  if (of_choices_.empty()) return reported_;
  UsageReport all;
  for (const ChoiceUsage& each : of_choices_) add_choice(each.usage, all);
  if (reported_) merge(*reported_, all);
  return all;
}

std::optional<Usage> AnswerTally::usage() const {
  const auto said = reported();
  return said ? std::optional(settled(*said)) : std::nullopt;
}

void AnswerTally::note(const AnswerChoice& choice) {
  if (choice.index >= choices_max) return;
  if (choice.index >= choices_.size()) choices_.resize(choice.index + 1, Choice::unseen);
  Choice& state = choices_[choice.index];
  if (state == Choice::unseen) {
    state = Choice::open;
    ++seen_;
  }
  if (choice.finish_reason.empty()) {
    // Some end a choice and go on with a tool call.
    if (state == Choice::finished && choice.says) {
      state = Choice::open;
      --finished_;
    }
    return;
  }
  finish_reason_ = choice.finish_reason.substr(0, finish_reason_bytes_max);
  if (state == Choice::open) {
    state = Choice::finished;
    ++finished_;
  }
}

}  // namespace triage
