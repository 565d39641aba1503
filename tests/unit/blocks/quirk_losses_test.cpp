#include "blocks/quirk_losses.hpp"

#include "blocks/effort.hpp"

#include <gtest/gtest.h>

namespace triage {
namespace {

TEST(QuirkLosses, AForcedCallIsRefusedWhereNoForceIsTaken) {
  BlockRequest request;
  request.choice.kind = BlockChoice::Kind::any;
  EXPECT_EQ(fields_of(request), 0U);  // there are no tools
  request.tools.emplace_back();
  const RequestFields forced = fields_of(request);
  EXPECT_EQ(forced, bit(RequestField::forced_choice));
  Deployment deployment;
  EXPECT_EQ(refused_fields(forced, deployment), 0U);
  deployment.quirks.tool_choices = std::vector{ChoiceWord::none};
  EXPECT_EQ(refused_fields(forced, deployment), forced);
  deployment.quirks.tool_choices = std::vector{ChoiceWord::required};
  EXPECT_EQ(refused_fields(forced, deployment), 0U);
  request.choice.kind = BlockChoice::Kind::none;
  EXPECT_EQ(fields_of(request), 0U);
}

TEST(QuirkLosses, OnlyWhatTheRequestSaysIsRefused) {
  Deployment deployment;
  deployment.quirks.prefill = deployment.quirks.image_urls = deployment.quirks.json_schema = deployment.quirks.stop =
      deployment.quirks.json_object = false;
  EXPECT_EQ(refused_fields(0, deployment), 0U);
  for (const RequestField field : {RequestField::prefill, RequestField::image_url, RequestField::json_schema,
                                   RequestField::json_object, RequestField::stops}) {
    EXPECT_EQ(refused_fields(bit(field), deployment), bit(field));
    EXPECT_EQ(refused_fields(bit(field), Deployment()), 0U);
  }
}

TEST(QuirkLosses, WhatTheDialectHasNoWordForIsRefusedBesides) {
  Deployment deployment;
  deployment.form = WireForm::anthropic;
  EXPECT_EQ(refused_fields(bit(RequestField::n), deployment), bit(RequestField::n));
  EXPECT_EQ(refused_by_model(bit(RequestField::n), deployment), 0U);
}

TEST(NearestEffort, IsTheLowerOfTwo) {
  EXPECT_EQ(nearest_effort(Effort::medium, {"low", "high"}), "low");
  EXPECT_EQ(nearest_effort(Effort::max, {"low", "high"}), "high");
  EXPECT_EQ(nearest_effort(Effort::minimal, {"none", "low"}), "low");
  EXPECT_EQ(nearest_effort(Effort::none, {"low", "high"}), "");
  EXPECT_EQ(nearest_effort(Effort::none, {"none", "default"}), "none");
  EXPECT_EQ(nearest_effort(Effort::xhigh, {"none", "default"}), "default");
  EXPECT_EQ(nearest_effort(Effort::high, {}), "");
}

}  // namespace
}  // namespace triage
