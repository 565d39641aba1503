#include "pipeline/attempt/score_pool.hpp"

#include <gtest/gtest.h>

#include <future>

namespace triage {
namespace {

/// Gives back its features, and notes which were run together.
class Echo final : public LocalModel {
 public:
  explicit Echo(std::size_t batch_max) : batch_max_(batch_max) {}
  Result<std::vector<std::vector<float>>> run(std::span<const ModelInput* const> inputs) const override {
    batches.push_back(inputs.size());
    if (blocked.valid()) blocked.wait();
    if (fails) return Error{ErrorCode::internal_error, "broken"};
    std::vector<std::vector<float>> out;
    for (const ModelInput* const input : inputs) out.push_back(input->features);
    return out;
  }
  std::size_t batch_max() const noexcept override { return batch_max_; }

  mutable std::vector<std::size_t> batches;  // with one thread, only read after it ended
  std::shared_future<void> blocked;
  bool fails = false;

 private:
  std::size_t batch_max_;
};

struct Asked {
  std::shared_ptr<std::atomic<bool>> given_up = std::make_shared<std::atomic<bool>>(false);
  std::promise<Result<std::vector<float>>> answer;

  ScoreTask task(std::shared_ptr<const LocalModel> model, float value) {
    ScoreTask out{std::move(model), {}, given_up};
    out.input.features = {value};
    out.done = [this](Result<std::vector<float>> came) { answer.set_value(std::move(came)); };
    return out;
  }
  Result<std::vector<float>> wait() { return answer.get_future().get(); }
};

TEST(ScorePools, RunTogetherWhatWaitsForTheSameModel) {
  const auto first = std::make_shared<Echo>(3);
  const auto second = std::make_shared<Echo>(1);
  std::promise<void> go_on;
  first->blocked = go_on.get_future().share();
  std::array<Asked, 7> asked;
  {
    ScorePool pool(1);
    ASSERT_TRUE(pool.post(asked[0].task(first, 0), 100));
    while (pool.waiting() > 0) std::this_thread::yield();
    for (std::size_t i = 1; i < 7; ++i)
      ASSERT_TRUE(pool.post(asked[i].task(i == 3 ? second : first, static_cast<float>(i)), 100));
    EXPECT_FALSE(pool.post(Asked().task(first, 9), 6));
    go_on.set_value();
    for (std::size_t i = 0; i < 7; ++i)
      EXPECT_EQ(*asked[i].wait(), std::vector<float>{static_cast<float>(i)}) << "each gets its own";
  }
  EXPECT_EQ(first->batches, (std::vector<std::size_t>{1, 3, 2}));
  EXPECT_EQ(second->batches, (std::vector<std::size_t>{1}));
}

TEST(ScorePools, AnErrorIsEverybodysInTheBatch) {
  const auto model = std::make_shared<Echo>(1);
  model->fails = true;
  Asked asked;
  ScorePool pool(1);
  ASSERT_TRUE(pool.post(asked.task(model, 1), 1));
  const auto came = asked.wait();
  ASSERT_FALSE(came);
  EXPECT_EQ(came.error().message, "broken");
}

TEST(ScorePools, DropWhatNobodyWaitsForAndWhatHasNotBegunAtTheEnd) {
  const auto model = std::make_shared<Echo>(4);
  Asked left;
  Asked waits;
  {
    ScorePool pool(1);
    *left.given_up = true;
    ASSERT_TRUE(pool.post(left.task(model, 1), 2));
    ASSERT_TRUE(pool.post(waits.task(model, 2), 2));
    EXPECT_EQ(*waits.wait(), std::vector<float>{2});
  }
  EXPECT_LE(model->batches.size(), 1U);
  ScorePool none(0);
  EXPECT_TRUE(none.post(Asked().task(model, 1), 1));
  EXPECT_EQ(none.waiting(), 1U);
}

}  // namespace
}  // namespace triage
