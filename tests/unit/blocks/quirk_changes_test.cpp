#include "blocks/quirk_changes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace triage {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Block block(BlockKind kind) {
  Block out;
  out.kind = kind;
  return out;
}

Deployment openai() {
  Deployment out;
  out.form = WireForm::openai;
  return out;
}

TEST(QuirkChanges, AreNoneWithoutQuirks) {
  BlockRequest request;
  request.max_tokens = 100;
  request.seed = "7";
  EXPECT_THAT(quirk_changes(request, openai()), IsEmpty());
}

TEST(QuirkChanges, OfWordsAreToldWhereTheRequestHasThem) {
  Deployment deployment = openai();
  deployment.quirks.limit = LimitWord::max_completion_tokens;
  deployment.quirks.seed = "random_seed";
  BlockRequest request;
  EXPECT_THAT(quirk_changes(request, deployment), IsEmpty()) << "it says neither";
  request.max_tokens = 100;
  request.seed = "7";
  EXPECT_THAT(quirk_changes(request, deployment),
              ElementsAre("max_tokens is sent as max_completion_tokens", "seed is sent as random_seed"));
  deployment.form = WireForm::anthropic;
  EXPECT_THAT(quirk_changes(request, deployment), IsEmpty()) << "they are words of chat completions";
}

TEST(QuirkChanges, OfTurnsAreToldWhereTheTurnsAreThere) {
  Deployment deployment = openai();
  deployment.quirks.call_ids = CallIds::nine;
  deployment.quirks.reply_to_results = true;
  deployment.quirks.later_system = LaterSystem::marked;
  deployment.quirks.sent_thoughts = SentThoughts::reasoning_content;
  BlockRequest request;
  request.turns = {{Role::user, {block(BlockKind::text)}},
                   {Role::assistant, {block(BlockKind::call)}},
                   {Role::user, {block(BlockKind::result)}}};
  EXPECT_THAT(quirk_changes(request, deployment), ElementsAre("ids of calls become nine characters"));
  request.turns.push_back({Role::user, {block(BlockKind::text)}});
  request.turns.push_back({Role::system, {block(BlockKind::text)}});
  request.turns[1].blocks.insert(request.turns[1].blocks.begin(), block(BlockKind::thought));
  EXPECT_THAT(quirk_changes(request, deployment),
              ElementsAre("ids of calls become nine characters", HasSubstr("<system> marks"),
                          HasSubstr("reasoning_content"), HasSubstr("\"OK.\"")));
}

TEST(QuirkChanges, OfChoicesOfTools) {
  Deployment deployment = openai();
  deployment.quirks.tool_choices = {ChoiceWord::required};
  BlockRequest request;
  request.tools.resize(2);
  request.choice.kind = BlockChoice::Kind::named;
  EXPECT_THAT(quirk_changes(request, deployment), ElementsAre(HasSubstr("sent alone")));
  request.choice.kind = BlockChoice::Kind::none;
  EXPECT_THAT(quirk_changes(request, deployment), ElementsAre(HasSubstr("tools are left out")));
  request.choice.kind = BlockChoice::Kind::any;
  EXPECT_THAT(quirk_changes(request, deployment), IsEmpty());
}

TEST(QuirkChanges, OfEfforts) {
  Deployment deployment = openai();
  deployment.thinking = Thinking::level;
  deployment.quirks.efforts = {"low", "high"};
  BlockRequest request;
  request.effort = Effort::minimal;
  EXPECT_THAT(quirk_changes(request, deployment), ElementsAre("the effort minimal is sent as low"));
  request.effort = Effort::high;
  EXPECT_THAT(quirk_changes(request, deployment), IsEmpty());
  deployment.quirks.effort = EffortWord::thinking;
  EXPECT_THAT(quirk_changes(request, deployment), ElementsAre("how long to think is sent as thinking"));
}

}  // namespace
}  // namespace triage
