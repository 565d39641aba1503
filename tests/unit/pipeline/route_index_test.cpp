#include "pipeline/live/route_index.hpp"

#include "clients/clients.hpp"
#include "pipeline/resolve.hpp"
#include "support/padded.hpp"

#include <gtest/gtest.h>

#include <random>

namespace triage {
namespace {

class Dice {
 public:
  explicit Dice(unsigned seed) : random_(seed) {}
  std::size_t below(std::size_t most) { return std::uniform_int_distribution<std::size_t>(0, most - 1)(random_); }
  std::string text(std::string_view letters, std::size_t most) {
    std::string out;
    for (std::size_t left = below(most + 1); left > 0; --left) out.push_back(letters[below(letters.size())]);
    return out;
  }
  std::vector<std::string> texts(std::string_view letters) {
    std::vector<std::string> out;
    if (below(2) == 0)
      for (std::size_t left = 1 + below(3); left > 0; --left) out.push_back(text(letters, 4));
    return out;
  }

 private:
  std::mt19937 random_;
};

std::vector<RouteSpec> routes_of(Dice& dice) {
  std::vector<RouteSpec> out(dice.below(14));
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i].name = "r" + std::to_string(i);
    MatchSpec& match = out[i].match;
    match.models = dice.texts("ab\xff*");
    match.paths = dice.texts("ab*");
    match.keys = dice.texts("a*");
    for (const char* name : {"X-One", "x-two"})
      if (dice.below(5) == 0) match.headers.emplace_back(name, dice.text("ab*", 3));
    for (const char* name : {"one", "two"})
      if (dice.below(6) == 0) match.metadata.emplace_back(name, dice.text("ab*", 3));
  }
  return out;
}

void fill(Snapshot& snapshot, std::vector<RouteSpec> routes) {
  snapshot.spec.routes = std::move(routes);
  snapshot.routes.reserve(snapshot.spec.routes.size());
  for (const RouteSpec& route : snapshot.spec.routes) {
    snapshot.routes.emplace_back().spec = &route;
    snapshot.route_names.emplace(route.name, &snapshot.routes.back());
  }
  snapshot.matches = RouteIndex(snapshot.spec.routes, RouteIndex::Of::requests);
  snapshot.passages = RouteIndex(snapshot.spec.routes, RouteIndex::Of::passing);
}

// The definition: the first route, in order, that takes the request.
template <class Takes>
const RouteSpec* by_walk(const Snapshot& snapshot, Takes takes) {
  for (const RouteSpec& route : snapshot.spec.routes)
    if (takes(route.match)) return &route;
  return nullptr;
}

std::string body_of(Dice& dice) {
  std::string out = R"({"model":"m","messages":[])";
  if (dice.below(2) == 0)
    out += R"(,"metadata":{"one":")" + dice.text("ab", 3) + R"(","two":")" + dice.text("ab", 3) + R"("})";
  return out + "}";
}

TEST(RouteIndex, FindsWhatAWalkOverAllRoutesFinds) {
  Dice dice(20);
  int found = 0;
  for (int i = 0; i < 1'000; ++i) {
    Snapshot snapshot;
    fill(snapshot, routes_of(dice));
    for (int k = 0; k < 10; ++k) {
      const test::Padded body(body_of(dice));
      auto request = client_api(WireForm::openai).parse(Api::chat, {}, body.view(), 64);
      ASSERT_TRUE(request) << request.error().message;
      const std::string model = dice.text("ab\xff", 5);
      request->model = model;
      KeySpec key;
      key.name = dice.text("a*", 2);
      const std::string path = dice.text("ab", 4), one = dice.text("ab", 3), two = dice.text("ab", 3);
      RequestHead head;
      head.path = path;
      if (dice.below(2) == 0) head.fields = {{"x-one", one}, {"X-TWO", two}, {"x-one", two}};
      const KeySpec* const presented = dice.below(3) == 0 ? nullptr : &key;
      const RoutingInput input(*request, head, presented);
      const auto* const expected =
          by_walk(snapshot, [&](const MatchSpec& match) { return mismatch(match, input) == Mismatch::none; });
      const Found got = find(snapshot, input);
      ASSERT_EQ(got.route == nullptr ? nullptr : got.route->spec, expected);
      const auto takes = [&](const MatchSpec& match) {
        return path_mismatch(match, presented, head) == Mismatch::none;
      };
      const auto passing = snapshot.passages.first(
          {head, presented}, [&](std::size_t at) { return takes(snapshot.spec.routes[at].match); });
      const auto* const through = by_walk(snapshot, takes);
      ASSERT_EQ(passing ? &snapshot.spec.routes[*passing] : nullptr, through);
      found += (expected != nullptr ? 1 : 0) + (through != nullptr ? 1 : 0);
    }
  }
  EXPECT_GT(found, 1'500);
}

// How many of 1,000 routes a request for the 500th is compared with.
std::size_t compared(void (*write)(MatchSpec& match, const std::string& number)) {
  std::vector<RouteSpec> routes(1'000);
  for (std::size_t i = 0; i < routes.size(); ++i) write(routes[i].match, std::to_string(1'000 + i));
  const RouteIndex index(routes, RouteIndex::Of::requests);
  RequestHead head;
  head.path = "/v1/1500/x";
  head.fields = {{"x-team", "team-1500-east"}};
  KeySpec key;
  key.name = "k1500";
  std::size_t count = 0;
  const auto first = index.first({head, &key, "m-1500-large"}, [&](std::size_t at) {
    ++count;
    return at == 500;
  });
  EXPECT_EQ(first, 500U);
  return count;
}

TEST(RouteIndex, ComparesWithFewOfManyRoutes) {
  using Number = const std::string&;
  EXPECT_EQ(compared([](MatchSpec& match, Number n) { match.models = {"m-" + n + "-large"}; }), 1U);
  EXPECT_EQ(compared([](MatchSpec& match, Number n) { match.models = {"m-" + n + "*"}; }), 1U);
  EXPECT_EQ(compared([](MatchSpec& match, Number n) { match.models = {"m*" + n + "-large"}; }), 1U);
  EXPECT_EQ(compared([](MatchSpec& match, Number n) {
              match.models = {"m-1500-large", "m-*"};
              match.keys = {"k" + n};
            }),
            1U);
  EXPECT_EQ(compared([](MatchSpec& match, Number n) {
              match.models = {"*"};
              match.headers = {{"X-Team", "team-" + n + "-*"}};
            }),
            1U);
  EXPECT_EQ(compared([](MatchSpec& match, Number n) { match.paths = {"/v1/" + n + "/*", "/v2/" + n}; }), 1U);
}

TEST(RouteIndex, ARouteThatSaysNothingIsFoundByItsNameOnly) {
  const std::vector<RouteSpec> routes(2);
  const RouteIndex index(routes, RouteIndex::Of::requests);
  const RequestHead head;
  EXPECT_FALSE(index.first({head, nullptr, ""}, [](std::size_t) { return true; }));
}

}  // namespace
}  // namespace triage
