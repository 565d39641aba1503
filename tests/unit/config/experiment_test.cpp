// What loading makes of an experiment: arms, defaults, the version, the differences that dumps and diffs tell.
#include "config/diff.hpp"
#include "config/load.hpp"
#include "config/schema.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

namespace triage {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::string head = R"(
providers: {p: {base_url: "http://127.0.0.1:1/v1"}}
deployments:
  a: {provider: p, price: {input: 1, output: 2}}
  b: {provider: p, price: {input: 1, output: 2}}
ledger: {dir: ledger}
tiers: [small, large]
routes:
  chat:
    tiers: {small: [a], large: [b]}
    routers: [{fixed: {tier: large}}]
    timeouts: {idle: 10s}
    cascade: {verify: checks, escalations_max: 3}
    shadow: {share: 0.1, daily_budget_usd: 5}
)";

std::string with(const std::string& treatment, const std::string& more = "", const std::string& before = head) {
  return before + "    experiment: {name: e, treatment: {" + treatment + "}" + more + "}\n";
}

Loaded loaded(const std::string& text) {
  Loaded out = load_text(text, "test");
  for (const Diagnostic& found : out.diagnostics)
    if (found.severity == Diagnostic::error) ADD_FAILURE() << to_string(found);
  return out;
}

const ExperimentSpec& experiment(const Loaded& of) {
  return *of.spec.routes.at(0).experiment;
}

std::string version(const std::string& text) {
  return experiment(loaded(text)).version;
}

TEST(Experiment, AnArmIsTheRouteButForWhatIsWritten) {
  const Loaded found =
      loaded(with("timeouts: {total: 1m}, cascade: {escalations_max: 1}, routers: [{fixed: {tier: small}}], "
                  "tiers: {small: [b, a]}"));
  const RouteSpec& control = *experiment(found).control;
  const RouteSpec& treatment = *experiment(found).treatment;
  EXPECT_EQ(control.name, "chat");
  EXPECT_EQ(control.arm, Arm::control);
  EXPECT_EQ(treatment.arm, Arm::treatment);
  EXPECT_EQ(control.timeouts.total, milliseconds(600'000));
  EXPECT_EQ(treatment.timeouts.total, milliseconds(60'000));
  EXPECT_EQ(treatment.timeouts.idle, milliseconds(10'000)) << "inside a section, too";
  EXPECT_EQ(treatment.cascade->escalations_max, 1U);
  EXPECT_EQ(treatment.cascade->verify.kind, "checks");
  ASSERT_EQ(treatment.routers.size(), 1U) << "a list is written anew";
  ASSERT_EQ(treatment.tiers.size(), 2U) << "a tier is one entry of a map";
  EXPECT_EQ(treatment.tiers[0].second.size(), 2U);
  EXPECT_EQ(treatment.tiers[1].second[0].deployment, "b");
  EXPECT_EQ(treatment.shadow->daily_budget_usd, 5);
  EXPECT_FALSE(control.experiment);
}

TEST(Experiment, NullAndAnEmptyListTakeAway) {
  const Loaded found = loaded(with("cascade: null, shadow: , tiers: {large: []}, routers: [{fixed: {tier: small}}]"));
  const RouteSpec& treatment = *experiment(found).treatment;
  EXPECT_FALSE(treatment.cascade);
  EXPECT_FALSE(treatment.shadow);
  EXPECT_EQ(treatment.tiers.size(), 1U);
  EXPECT_TRUE(experiment(found).control->cascade);
}

TEST(Experiment, HasTheDefaultsOfItsPage) {
  const Loaded found = loaded(with("sticky: 0s"));
  const ExperimentSpec& e = experiment(found);
  ASSERT_EQ(e.unit.size(), 1U);
  EXPECT_EQ(e.unit[0].place(), UnitKind::key);
  using std::chrono::days;
  EXPECT_EQ(e.stages,
            (std::vector<StageSpec>{{0.01, days(1), 0}, {0.1, days(2), 0}, {0.5, days(4), 0}, {1, days(0), 0}}));
  EXPECT_EQ(e.alpha, 0.05);
  EXPECT_EQ(e.version.size(), 8U);
}

TEST(Experiment, WindowsAreCompletedInEachArm) {
  const Loaded found = loaded(with("cascade: {hold: {tokens: 40}}", ", control: {cascade: {hold: none}}"));
  EXPECT_EQ(experiment(found).treatment->cascade->hold.mode, HoldMode::window);
  EXPECT_EQ(experiment(found).control->cascade->hold.mode, HoldMode::none);
}

TEST(Experiment, VersionIsThatOfTheComparison) {
  const std::string first = version(with("sticky: 0s"));
  EXPECT_EQ(first, version(with("sticky: 0s")));
  EXPECT_EQ(first, version("# a comment\n" + with("sticky: 0ms, latch: false")));
  EXPECT_EQ(first, version(with("sticky: 0s", ", webhook: {url: \"http://127.0.0.1:1/x\"}")))
      << "who is told does not matter";
  EXPECT_NE(first, version(with("sticky: 1s")));
  EXPECT_NE(first, version(with("sticky: 0s", ", alpha: 0.1")));
  EXPECT_NE(first, version(with("sticky: 0s", ", guardrails: [error]")));
  EXPECT_NE(first, version(with("sticky: 0s", ", salt: other")));
  const auto changed = [](const std::string& from, const std::string& to) {
    std::string text = head;
    text.replace(text.find(from), from.size(), to);
    return version(with("sticky: 0s", "", text));
  };
  EXPECT_NE(first, changed("idle: 10s", "idle: 9s")) << "what both arms inherit";
  EXPECT_NE(first, changed("a: {provider: p,", "a: {provider: p, model: other,")) << "what a name stands for";
  EXPECT_EQ(first, changed("price: {input: 1,", "price: {input: 9,")) << "prices come and go";
}

TEST(Experiment, DumpsAndDiffsTellWhatDiffers) {
  const Loaded one =
      loaded(with("timeouts: {total: 1m}, retry: {attempts: 2}, shadow: null, tiers: {large: []}, routers: "
                  "[{fixed: {tier: small}}]"));
  const auto dump = nlohmann::json::parse(config_dump(one.spec));
  EXPECT_EQ(dump["routes"]["chat"]["experiment"]["treatment"],
            nlohmann::json::parse(R"({"tiers": {"large": []}, "routers": [{"fixed": {"tier": "small"}}],
                                      "timeouts": {"total": "1m"}, "shadow": null})"));
  EXPECT_EQ(dump["routes"]["chat"]["experiment"]["control"], nlohmann::json::object());
  const Loaded two =
      loaded(with("timeouts: {total: 2m}, tiers: {small: [b]}, routers: [{fixed: {tier: small}}]", ", alpha: 0.1"));
  std::vector<std::string> texts;
  for (const Change& change : config_changes(one.spec, two.spec)) texts.push_back(change.text);
  EXPECT_THAT(texts, testing::Contains(
                         "route 'chat', treatment: timeouts.total is 2m, was 1m (all calls for a request together)"));
  EXPECT_THAT(
      texts,
      testing::Contains(
          "route 'chat': experiment.alpha is 0.1, was 0.05 (probability of a false alarm, however often one looks)"));
  EXPECT_THAT(config_changes(one.spec, one.spec), IsEmpty());
  std::string slower = head;
  slower.replace(slower.find("idle: 10s"), 9, "idle: 20s");
  texts.clear();
  for (const Change& change :
       config_changes(loaded(with("sticky: 0s")).spec, loaded(with("sticky: 0s", "", slower)).spec))
    texts.push_back(change.text);
  EXPECT_THAT(texts,
              ElementsAre("route 'chat': timeouts.idle is 20s, was 10s (silence between two pieces of an answer)"))
      << "what an arm inherits is told once";
}

TEST(Experiment, ReadsTheFilesOfItsArms) {
  namespace fs = std::filesystem;
  const fs::path folder = fs::temp_directory_path() / ("triage-experiment-" + std::to_string(::getpid()));
  fs::create_directories(folder);
  const auto write = [&](const char* name, const std::string& text) { std::ofstream(folder / name) << text; };
  const std::string router =
      "routers: [{similarity: {examples: hard.jsonl, at_least: 0.7, tier: large, encoder: "
      "{deployment: a}}}, {fixed: {tier: small}}]";
  write("triage.yaml", with(router));
  write("hard.jsonl", R"({"prompt": "Prove it", "vector": [3, 4]})");
  const auto load = [&] { return load_file((folder / "triage.yaml").string()); };
  const Loaded first = load();
  ASSERT_TRUE(first.ok()) << to_string(first.diagnostics.at(0));
  EXPECT_TRUE(std::ranges::any_of(first.sources, [](const Source& each) { return each.path.ends_with("hard.jsonl"); }))
      << "a reload takes up a change";
  write("hard.jsonl", R"({"prompt": "Prove it", "vector": [4, 3]})");
  EXPECT_NE(experiment(load()).version, experiment(first).version);
  write("hard.jsonl", "{");
  EXPECT_FALSE(load().ok());
  fs::remove_all(folder);
}

}  // namespace
}  // namespace triage
