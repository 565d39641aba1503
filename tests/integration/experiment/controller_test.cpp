// The controller behind a real ledger: decisions take effect when they are in the journal, and survive.
#include "experiment/controller.hpp"

#include "experiment/figures.hpp"
#include "experiment/read_line.hpp"
#include "integration/ledger/ledger_fixture.hpp"
#include "unit/experiment/journal.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <atomic>
#include <future>
#include <optional>

namespace triage::experiment {
namespace {

using ledger::eventually;
using std::chrono::milliseconds;
using testing::HasSubstr;

constexpr const char* name = "cheaper";

ConfigSpec config_with(const std::string& version, OnBreach on_breach = OnBreach::rollback) {
  ConfigSpec config;
  RouteSpec& route = config.routes.emplace_back();
  route.name = "chat";
  ExperimentSpec& experiment = route.experiment.emplace();
  experiment.name = name;
  experiment.version = version;
  experiment.stages = {{0.5, std::chrono::hours(1), 1}, {1, milliseconds(0), 0}};
  experiment.guardrails = {{QualitySignal::refusal, 0.02}};
  experiment.window = milliseconds(0);
  experiment.on_breach = on_breach;
  return config;
}

// Where it is told to, a ledger that takes no event, or takes it and never writes it.
struct Faulty final : Ledger {
  Ledger* to = nullptr;
  std::atomic<bool> refuses{false};
  std::atomic<bool> swallows{false};
  void keep(const LedgerRecord& record) override { to->keep(record); }
  bool keep(const LedgerEvent& event) override { return swallows || (!refuses && to->keep(event)); }
  [[nodiscard]] bool syncs_each() const noexcept override { return false; }
  Async<void> synced() override { return to->synced(); }
};

// One process: ledger, follower, controller. The share is what its loops would read.
struct Process {
  explicit Process(const LedgerSpec& spec, const ConfigSpec& config, Patience patience = {}, Faulty* faulty = nullptr)
      : ledger(spec, metrics), follower(spec.dir) {
    if (faulty != nullptr) faulty->to = &ledger;
    Surroundings around;
    around.folder = spec.dir;
    around.ledger = faulty != nullptr ? static_cast<Ledger*>(faulty) : &ledger;
    around.owns = [this] { return ledger.holds_folder(); };
    around.problem = [this] { return problem ? std::string("broken") : ledger.status().journal; };
    around.set_share = [this](const std::string&, double to) { share = to; };
    around.tell = [this](const Decision& decision) {
      if (decision.action == "rollback") ++rollbacks_told;
    };
    around.patience = patience;
    controller.emplace(std::move(around), metrics);
    controller->use(config);
    follower.add(*controller);
    follower.catch_up(ledger.holds_folder());
    controller->begin();
    share_at_start = share;
    ledger.start();
    follower.start();
  }
  ~Process() { end(); }
  // Not `orderly`: without a checkpoint, as kill -9 leaves it.
  void end(bool orderly = true) {
    if (std::exchange(ended, true)) return;
    follower.stop();
    if (orderly) controller->finish();
    ledger.stop();
  }

  // A request of a new unit.
  void request(Chance& chance, double refusal_of_treatment) {
    const std::uint64_t unit = chance.whole();
    char hexadecimal[17];
    std::snprintf(hexadecimal, sizeof hexadecimal, "%016llx", static_cast<unsigned long long>(unit));
    const double in_force = share;
    const ExperimentRecord experiment{name, version, place_of(unit) < in_force ? "treatment" : "control", hexadecimal,
                                      in_force};
    LedgerRecord record = ledger::sample_record(hexadecimal);
    record.attempts.clear();
    record.experiment = &experiment;
    record.signals.refusal = experiment.arm == "treatment" && chance.with(refusal_of_treatment);
    ledger.keep(record);
  }
  [[nodiscard]] Json shown() const {
    const auto text = controller->show(name);
    return text ? Json::parse(*text) : Json();
  }
  [[nodiscard]] std::string state() const { return shown().value("state", "?"); }
  Result<std::string> want(Action action) {
    std::promise<Result<std::string>> came;
    controller->ask({name, action, "ops", "why not"}, [&came](const Result<std::string>& it) { came.set_value(it); });
    return came.get_future().get();
  }

  std::string version = "v1";
  bool ended = false;
  Metrics metrics;
  std::atomic<double> share{-1};
  double share_at_start = -1;
  std::atomic<bool> problem{false};
  std::atomic<int> rollbacks_told{0};
  ledger::FileLedger ledger;
  ledger::Follower follower;
  std::optional<Controller> controller;
};

using ControllerTest = ledger::LedgerTest;

TEST_F(ControllerTest, RollsBackWithinASecondAndForGood) {
  Chance chance(1);
  {
    Process process(spec, config_with("v1"));
    EXPECT_EQ(process.share_at_start, 0) << "it has not begun";
    ASSERT_TRUE(eventually([&] { return process.share == 0.5; }));
    for (int i = 0; i < 200; ++i) process.request(chance, 0.9);
    const auto kept = std::chrono::steady_clock::now();
    ASSERT_TRUE(eventually([&] { return process.share == 0; }));
    EXPECT_LT(std::chrono::steady_clock::now() - kept, milliseconds(1000));
    EXPECT_TRUE(eventually([&] { return process.rollbacks_told == 1; }));
    EXPECT_EQ(process.state(), "rolled_back");
  }
  Process again(spec, config_with("v1"));
  EXPECT_EQ(again.share_at_start, 0);
  EXPECT_EQ(again.state(), "rolled_back");
  EXPECT_FALSE(again.want(Action::start));
  EXPECT_EQ(again.rollbacks_told, 0) << "it is no news";
}

TEST_F(ControllerTest, GoesOnAfterARestartWithOrWithoutACheckpoint) {
  Chance chance(2);
  for (const bool orderly : {true, false, true}) {
    Process process(spec, config_with("v1"));
    ASSERT_TRUE(eventually([&] { return process.share == 0.5; }));
    const auto outcomes = [&] {
      const Json guardrail = process.shown().at("guardrails").at(0);
      return guardrail["control"]["outcomes"].get<int>() + guardrail["treatment"]["outcomes"].get<int>();
    };
    const int before = outcomes();
    for (int i = 0; i < 100; ++i) process.request(chance, 0);
    EXPECT_TRUE(eventually([&] { return outcomes() == before + 100; }));
    process.end(orderly);
  }
  const std::string with_checkpoint = read_experiments(path()).save();
  ASSERT_TRUE(std::filesystem::remove(checkpoint_path(path())));
  EXPECT_EQ(with_checkpoint, read_experiments(path()).save()) << "to the last bit";
}

// As `retain` will do in time, and with a checkpoint that cannot be read but for its first line.
void forget_all_but_the_header(const std::string& folder) {
  std::ifstream in(checkpoint_path(folder));
  std::string text{std::istreambuf_iterator<char>(in), {}};
  in.close();
  text.back() ^= 1;
  std::ofstream(checkpoint_path(folder)) << text;
  std::filesystem::remove_all(ledger::journal_folder(folder));
  std::filesystem::remove(folder + "/spool");
}

TEST_F(ControllerTest, StatesOutliveTheJournalAndTheFormatOfTheCheckpoint) {
  const std::vector<std::tuple<Action, std::string, double>> steps{{Action::pause, "paused", 0},
                                                                   {Action::start, "running", 0.5},
                                                                   {Action::promote, "promoted", 1},
                                                                   {Action::rollback, "rolled_back", 0}};
  for (const auto& [action, state, share] : steps) {
    {
      Process process(spec, config_with("v1"));
      ASSERT_TRUE(action != Action::pause || eventually([&] { return process.share == 0.5; }));
      ASSERT_TRUE(process.want(action));
    }
    forget_all_but_the_header(path());
    Process process(spec, config_with("v1"));
    EXPECT_EQ(process.share_at_start, share) << state;
    EXPECT_EQ(process.state(), state);
  }
}

TEST_F(ControllerTest, PeopleDecideToo) {
  Process process(spec, config_with("v1"));
  ASSERT_TRUE(eventually([&] { return process.share == 0.5; }));
  const auto paused = process.want(Action::pause);
  ASSERT_TRUE(paused);
  EXPECT_EQ(process.share, 0);
  EXPECT_EQ(Json::parse(*paused)["decisions"].back()["actor"], "ops");
  EXPECT_EQ(Json::parse(*paused)["decisions"].back()["reason"], "why not");
  ASSERT_TRUE(process.want(Action::start));
  EXPECT_EQ(process.share, 0.5);
  ASSERT_TRUE(process.want(Action::promote));
  EXPECT_EQ(process.share, 1);
  const auto refused = process.want(Action::start);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::conflict);
  EXPECT_THAT(process.controller->metrics_text(),
              HasSubstr("triage_experiment_state{experiment=\"cheaper\",state=\"promoted\"} 1\n"));
}

TEST_F(ControllerTest, AChangedConfigurationBeginsAtZero) {
  Process process(spec, config_with("v1"));
  ASSERT_TRUE(eventually([&] { return process.share == 0.5; }));
  ASSERT_TRUE(process.want(Action::rollback));
  process.controller->use(config_with("v2"));
  EXPECT_EQ(process.share, 0);
  EXPECT_TRUE(eventually([&] { return process.state() == "waiting"; }));
  process.controller->use(config_with("v1"));
  EXPECT_TRUE(eventually([&] { return process.state() == "rolled_back"; }));
  process.controller->use(config_with("v3"));
  EXPECT_TRUE(eventually([&] { return process.state() == "waiting"; }));
  ASSERT_TRUE(process.want(Action::start));
  EXPECT_EQ(process.share, 0.5);
}

TEST_F(ControllerTest, OnlyWhoHasTheDirectoryDecidesAndOthersFollow) {
  auto owner = std::make_unique<Process>(spec, config_with("v1"));
  ASSERT_TRUE(eventually([&] { return owner->share == 0.5; }));
  Process other(spec, config_with("v1"));
  EXPECT_EQ(other.share_at_start, 0.5);
  const auto refused = other.want(Action::pause);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("another process"));
  ASSERT_TRUE(owner->want(Action::rollback));
  EXPECT_TRUE(eventually([&] { return other.share == 0; }));
  owner->end();
  owner.reset();  // its ledger gives up the directory
  EXPECT_TRUE(eventually([&] { return other.ledger.holds_folder(); }));
  EXPECT_EQ(other.state(), "rolled_back");
  other.controller->use(config_with("v2"));
  EXPECT_TRUE(eventually([&] { return other.state() == "waiting"; })) << "now this one decides";
}

TEST_F(ControllerTest, ARollbackTakesEffectThoughTheLedgerCannotBeWritten) {
  for (const bool swallows : {false, true}) {
    ledger::TemporaryFolder own;
    const LedgerSpec its = ledger::small_ledger(own.path());
    Faulty faulty;
    Patience patience;
    patience.again = milliseconds(700);
    Process process(its, config_with("v1"), patience, &faulty);
    ASSERT_TRUE(eventually([&] { return process.share == 0.5; }));
    (swallows ? faulty.swallows : faulty.refuses) = true;
    const auto answer = process.want(Action::promote);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ErrorCode::overloaded);
    EXPECT_EQ(process.share, 0.5) << "what is not in the journal gives nobody the treatment";
    Chance chance(3);
    for (int i = 0; i < 200; ++i) process.request(chance, 0.9);
    ASSERT_TRUE(eventually([&] { return process.share == 0; }));
    EXPECT_EQ(process.state(), "running") << "the journal does not have it";
    EXPECT_THAT(process.controller->problems(), testing::ElementsAre(HasSubstr("not in the journal yet")));
    faulty.swallows = faulty.refuses = false;
    EXPECT_TRUE(eventually([&] { return process.state() == "rolled_back"; })) << "it is tried again";
    EXPECT_TRUE(process.controller->problems().empty());
    process.end();
  }
}

TEST_F(ControllerTest, WhoSeesNothingGivesNobodyTheTreatment) {
  Patience patience;
  patience.blind = milliseconds(100);
  Process process(spec, config_with("v1"), patience);
  ASSERT_TRUE(eventually([&] { return process.share == 0.5; }));
  process.problem = true;
  EXPECT_TRUE(eventually([&] { return process.share == 0; }));
  EXPECT_THAT(process.controller->problems(), testing::ElementsAre(HasSubstr("nobody watches")));
  process.problem = false;
  EXPECT_TRUE(eventually([&] { return process.share == 0.5; }));
  ASSERT_TRUE(process.want(Action::promote));
  process.problem = true;
  std::this_thread::sleep_for(milliseconds(400));
  EXPECT_EQ(process.share, 1) << "a promoted one is not watched in any case";
}

}  // namespace
}  // namespace triage::experiment
