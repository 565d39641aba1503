// The same where another deployment is asked to go on with what was sent.
#include "unit/pipeline/rescue_fixture.hpp"

namespace triage::gateway_test::rescue {
namespace {

TEST_F(RescueTest, WhoCanGoOnIsAskedTo) {
  const std::string said = good.substr(0, 32);
  const auto cut = [&] { return Teller::cut(first.pieces(said, 5)); };
  for (const bool echo : {false, true}) {
    const Answer got = ask("prefill", {cut(), second.whole(echo ? good : good.substr(32), 4)});
    EXPECT_EQ(got.text, good);
    EXPECT_EQ(ends(), (Ends{"cheap first truncated", "able rescue completed"})) << "'dear' cannot, and is passed over";
    const json asked = json::parse(upstream_.sent[1].body);
    EXPECT_EQ(asked["messages"].size(), 2U);
    EXPECT_EQ(asked["messages"][1], (json{{"role", "assistant"}, {"content", said}}));
    const json& record = ledger_.records.back();
    const int before = record["attempts"][0]["tokens"]["output"];
    EXPECT_GT(before, 0);
    EXPECT_EQ(record["frontier_cost_nano_usd"], 50 * 2000) << "the sum of tokens is the same";
  }
  // It ends while it could still be an echo.
  EXPECT_EQ(ask("prefill", {cut(), second.whole(said.substr(0, 6))}).text, said + said.substr(0, 6));
  EXPECT_EQ(ask("prefill", {Teller::cut(first.pieces("", 5)), second.whole(good)}).text, good);
  EXPECT_EQ(json::parse(upstream_.sent[1].body)["messages"].size(), 1U) << "there was nothing to go on with";
}

TEST_F(RescueTest, ARefusedPrefillIsTheFirstError) {
  const Answer got = ask("prefill", {cut_after(6), refused(400)});
  EXPECT_EQ(got.code, "upstream_truncated");
  EXPECT_EQ(got.body.find("no prefill here"), std::string::npos);
  EXPECT_EQ(ends(), (Ends{"cheap first truncated", "able rescue failed"}));
  EXPECT_EQ(ask("unable", {cut_after(6), second.whole(good)}).code, "upstream_truncated");
  EXPECT_EQ(upstream_.sent.size(), 1U);
  const json own{{"messages", {{{"role", "user"}, {"content", "?"}}, {{"role", "assistant"}, {"content", "So"}}}}};
  EXPECT_EQ(ask("prefill", {cut_after(6), second.whole(good)}, own).code, "upstream_truncated");
  EXPECT_EQ(upstream_.sent.size(), 1U);
}

TEST_F(RescueTest, CompletionsAreSplicedAndNotPrefilled) {
  const Teller told("one", false), again("the-other", false);
  auto pieces = told.pieces(good, 5);
  pieces.resize(6);
  EXPECT_EQ(ask("splice", {Teller::cut(pieces), again.whole(good, 3)}, {}, false).text, good);
  EXPECT_EQ(ask("prefill", {Teller::cut(pieces), again.whole(good, 3)}, {}, false).code, "upstream_truncated");
  EXPECT_EQ(upstream_.sent.size(), 1U);
}

}  // namespace
}  // namespace triage::gateway_test::rescue
