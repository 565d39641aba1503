#include "blocks/quirk_changes.hpp"

#include "blocks/effort.hpp"
#include "blocks/quirk_losses.hpp"

#include <algorithm>

namespace triage {
namespace {

bool holds(const BlockRequest& request, BlockKind kind) {
  return std::ranges::any_of(request.turns, [kind](const BlockTurn& turn) {
    return std::ranges::find(turn.blocks, kind, &Block::kind) != turn.blocks.end();
  });
}

// Whether the user speaks right behind a tool's result.
bool speaks_after_result(const BlockRequest& request) {
  bool answered = false;
  for (const BlockTurn& turn : request.turns) {
    if (turn.role != Role::user) {
      answered = false;
      continue;
    }
    answered = answered || std::ranges::find(turn.blocks, BlockKind::result, &Block::kind) != turn.blocks.end();
    const auto is_said = [](const Block& block) { return block.kind != BlockKind::result; };
    if (answered && std::ranges::any_of(turn.blocks, is_said)) return true;
  }
  return false;
}

class Changes {
 public:
  Changes(const BlockRequest& request, const Deployment& deployment)
      : request_(request), deployment_(deployment), quirks_(deployment.quirks) {}

  std::vector<std::string> all() {
    if (deployment_.form == WireForm::openai) add_chat();
    if (deployment_.form == WireForm::openai || deployment_.form == WireForm::bedrock) {
      add(quirks_.reply_to_results.value_or(false) && speaks_after_result(request_),
          "between a tool's result and the user the assistant says \"OK.\"");
    }
    if (deployment_.form == WireForm::bedrock && !request_.top_k.empty() && quirks_.top_k)
      add(*quirks_.top_k != TopKWord::no && *quirks_.top_k != TopKWord::top_k,
          "top_k is sent as " + std::string(word(*quirks_.top_k)));
    if (deployment_.form == WireForm::gemini)
      add(quirks_.unsigned_calls.has_value() && holds(request_, BlockKind::call),
          "calls without a signature get one that stands for it");
    add_effort();
    return std::move(out_);
  }

 private:
  void add(bool changes, std::string phrase) {
    if (changes) out_.push_back(std::move(phrase));
  }

  [[nodiscard]] bool takes(ChoiceWord choice) const {
    return !quirks_.tool_choices || std::ranges::find(*quirks_.tool_choices, choice) != quirks_.tool_choices->end();
  }

  void add_chat() {
    const LimitWord limit = quirks_.limit.value_or(LimitWord::max_tokens);
    add(request_.max_tokens && limit != LimitWord::max_tokens, "max_tokens is sent as " + std::string(word(limit)));
    add(!request_.seed.empty() && quirks_.seed, "seed is sent as " + quirks_.seed.value_or(""));
    add(quirks_.call_ids == CallIds::nine && holds(request_, BlockKind::call), "ids of calls become nine characters");
    add(quirks_.later_system == LaterSystem::marked && (fields_of(request_) & bit(RequestField::system_later)) != 0,
        "system messages in mid-conversation are sent as the user's, in <system> marks");
    const SentThoughts thoughts = quirks_.sent_thoughts.value_or(SentThoughts::no);
    add(thoughts != SentThoughts::no && holds(request_, BlockKind::thought),
        "the assistant's own thoughts are sent back as " + std::string(word(thoughts)));
    add(quirks_.reasoning_format.has_value(), "reasoning_format is added: " + quirks_.reasoning_format.value_or(""));
    if (request_.tools.empty()) return;
    using Kind = BlockChoice::Kind;
    add(request_.choice.kind == Kind::none && !takes(ChoiceWord::none),
        "tools are left out, because tool_choice none is not taken");
    add(request_.choice.kind == Kind::named && !takes(ChoiceWord::named) && takes(ChoiceWord::required),
        "the tool that must be called is sent alone, as required");
  }

  void add_effort() {
    if (!asks_to_think(request_) || deployment_.thinking == Thinking::none) return;
    if (deployment_.form == WireForm::openai && quirks_.effort && *quirks_.effort != EffortWord::reasoning_effort)
      add(*quirks_.effort != EffortWord::no, "how long to think is sent as " + std::string(word(*quirks_.effort)));
    if (!quirks_.efforts || request_.effort == Effort::unset) return;
    const std::string_view sent = nearest_effort(request_.effort, *quirks_.efforts);
    add(!sent.empty() && sent != word(request_.effort),
        "the effort " + std::string(word(request_.effort)) + " is sent as " + std::string(sent));
  }

  const BlockRequest& request_;
  const Deployment& deployment_;
  const Quirks& quirks_;
  std::vector<std::string> out_;
};

}  // namespace

std::vector<std::string> quirk_changes(const BlockRequest& request, const Deployment& deployment) {
  return Changes(request, deployment).all();
}

}  // namespace triage
