#include "ledger/search.hpp"

#include "unit/ledger/made_database.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <vector>

namespace triage::ledger {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t begin_ms = 1'700'000'000'000;

std::string quoted(const std::string& text) {
  return text == "NULL" ? text : "'" + text + "'";
}

struct Request {
  std::string route = "chat", tier = "small", outcome = "ok", prompt = "what is 12*7?", deployment = "nano",
              cause = "first";
};

class Search : public testing::Test {
 protected:
  MadeDatabase made;
  std::int64_t seq = 0;

  void add(const Request& request, const std::string& shadow_of = "NULL") {
    ++seq;
    made.execute(
        "INSERT INTO requests (seq, id, time_unix_ms, route, tier, outcome, status, prompt, signals, shadow_of) VALUES "
        "(" +
        std::to_string(seq) + ", 'req_" + std::to_string(seq) + "', " + std::to_string(begin_ms + seq * 1000) + ", " +
        quoted(request.route) + ", " + quoted(request.tier) + ", " + quoted(request.outcome) + ", 200, " +
        quoted(request.prompt) + ", '{\"refusal\":false}', " + quoted(shadow_of) + ")");
    made.execute("INSERT INTO attempts (seq, attempt, purpose, cause, deployment, model) VALUES (" +
                 std::to_string(seq) + ", 0, 'answer', " + quoted(request.cause) + ", " + quoted(request.deployment) +
                 ", 'm-" + request.deployment + "')");
  }
  [[nodiscard]] Json found(SearchOptions options, bool texts = true) const {
    options.folder = made.folder();
    return search(options, texts);
  }
  static std::vector<std::int64_t> seqs(const Json& page) {
    std::vector<std::int64_t> out;
    for (const Json& row : page["rows"]) out.push_back(row["seq"].get<std::int64_t>());
    return out;
  }
  using Seqs = std::vector<std::int64_t>;
};

TEST_F(Search, PagesHaveEachOnceTheNewestFirst) {
  for (int i = 0; i < 23; ++i) add({});
  Seqs all;
  SearchOptions options;
  options.rows_max = 5;
  for (int pages = 0; pages < 10; ++pages) {
    const Json page = found(options);
    for (const std::int64_t each : seqs(page)) all.push_back(each);
    if (page["next"].is_null()) break;
    options.before_seq = page["next"].get<std::int64_t>();
  }
  Seqs want;
  for (std::int64_t i = 23; i > 0; --i) want.push_back(i);
  EXPECT_EQ(all, want);
  options = {};
  options.after_seq = 20;
  EXPECT_EQ(seqs(found(options)), (Seqs{21, 22, 23})) << "newer ones come the oldest first";
}

TEST_F(Search, EveryFilterFindsItsOwnOnly) {
  add({});
  add({.route = "extract"});
  add({.route = "NULL", .tier = "NULL", .outcome = "client_error"});
  add({.tier = "large", .deployment = "opus", .cause = "escalation"});
  add({.outcome = "upstream_error", .cause = "retry"});
  made.execute("INSERT INTO feedback (seq, id, time_unix_ms, thumb) VALUES (100, 'req_4', 1, 'down')");
  made.execute("UPDATE requests SET signals = '{\"refusal\":true}' WHERE seq = 2");
  const auto one = [&](auto set) {
    SearchOptions options;
    set(options);
    return seqs(found(options));
  };
  EXPECT_EQ(one([](auto& o) { o.route = "extract"; }), Seqs{2});
  EXPECT_EQ(one([](auto& o) { o.route = ""; }), Seqs{3}) << "no route";
  EXPECT_EQ(one([](auto& o) { o.tier = "large"; }), Seqs{4});
  EXPECT_EQ(one([](auto& o) { o.deployment = "opus"; }), Seqs{4});
  EXPECT_EQ(one([](auto& o) { o.model = "m-opus"; }), Seqs{4});
  EXPECT_EQ(one([](auto& o) { o.cause = "escalation"; }), Seqs{4});
  EXPECT_EQ(one([](auto& o) { o.thumb = "down"; }), Seqs{4});
  EXPECT_EQ(one([](auto& o) { o.signal = "refusal"; }), Seqs{2});
  EXPECT_EQ(one([](auto& o) { o.outcome = "errors"; }), (Seqs{5, 3}));
  EXPECT_EQ(one([](auto& o) { o.outcome = "client_error"; }), Seqs{3});
  EXPECT_EQ(one([](auto& o) { o.since_unix_ms = begin_ms + 4000; }), (Seqs{5, 4}));
  EXPECT_EQ(one([](auto& o) { o.until_unix_ms = begin_ms + 2000; }), Seqs{1});
}

TEST_F(Search, WordsOfSqlAndOfPatternsAreWords) {
  add({.prompt = "100% sure"});
  add({.prompt = "100 pounds"});
  add({.prompt = "a_b"});
  add({.prompt = "acb"});
  const auto text = [&](const std::string& words, bool texts = true) {
    SearchOptions options;
    options.text = words;
    return seqs(found(options, texts));
  };
  EXPECT_EQ(text("100%"), Seqs{1});
  EXPECT_EQ(text("a_b"), Seqs{3});
  EXPECT_EQ(text("'; DROP TABLE requests; --"), Seqs{});
  EXPECT_EQ(text("req_4"), Seqs{4});
  EXPECT_EQ(text("100%", false), Seqs{}) << "prompts are not for everybody";
  EXPECT_EQ(found({}, true)["rows"].size(), 4U);
}

TEST_F(Search, ShadowsAreNoRequestsAndTextsAreHidden) {
  add({});
  add({}, "req_1");
  EXPECT_EQ(seqs(found({})), Seqs{1});
  EXPECT_TRUE(found({}, false)["rows"][0]["prompt"].is_null());
  made.execute("INSERT INTO feedback (seq, id, time_unix_ms, comment) VALUES (100, 'req_1', 1, 'no good')");
  const Json open = one_request(made.folder(), "req_1", true);
  EXPECT_EQ(open["record"]["prompt"], "what is 12*7?");
  EXPECT_EQ(open["shadows"].size(), 1U);
  EXPECT_EQ(open["feedback"][0]["comment"], "no good");
  EXPECT_EQ(open["attempts"][0]["deployment"], "nano");
  const Json hidden = one_request(made.folder(), "req_1", false);
  EXPECT_TRUE(hidden["record"]["prompt"].is_null());
  EXPECT_TRUE(hidden["shadows"][0]["prompt"].is_null());
  EXPECT_TRUE(hidden["feedback"][0]["comment"].is_null());
  EXPECT_TRUE(one_request(made.folder(), "req_9", true).is_null());
}

TEST_F(Search, ItKnowsWhenTheFirstBegan) {
  EXPECT_FALSE(first_unix_ms(made.folder()));
  add({});
  add({});
  EXPECT_EQ(first_unix_ms(made.folder()), begin_ms + 1000);
}

TEST(SearchOfNothing, WithoutADatabaseNothingIsFound) {
  SearchOptions options;
  options.folder = "/no/such/folder";
  const Json page = search(options, true);
  EXPECT_TRUE(page["rows"].empty());
  EXPECT_TRUE(page["next"].is_null());
  EXPECT_TRUE(one_request("/no/such/folder", "req_1", true).is_null());
  EXPECT_TRUE(known_names("/no/such/folder")["routes"].empty());
}

}  // namespace
}  // namespace triage::ledger
