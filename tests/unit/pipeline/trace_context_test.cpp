#include "pipeline/trace_context.hpp"

#include "base/span_id.hpp"

#include <gtest/gtest.h>

namespace triage {
namespace {

const std::string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
const std::string parent = "00f067aa0ba902b7";

TraceContext read(const std::string& value, const std::optional<OtlpSpec>& otlp = std::nullopt) {
  RequestHead head;
  head.fields = {{"Traceparent", value}};
  return trace_of(head, "req_1", otlp);
}

TEST(TraceContext, ReadsWhatIsValid) {
  for (const std::string& value : {"00-" + trace + "-" + parent + "-01", "cc-" + trace + "-" + parent + "-01",
                                   "cc-" + trace + "-" + parent + "-01-what-may-come"}) {
    const TraceContext found = read(value);
    EXPECT_EQ(found.trace_id, trace) << value;
    EXPECT_EQ(found.parent, parent);
    EXPECT_TRUE(found.sampled());
  }
  EXPECT_FALSE(read("00-" + trace + "-" + parent + "-00").sampled());
  EXPECT_EQ(read("00-" + trace + "-" + parent + "-ff").flags, 3);
}

TEST(TraceContext, IgnoresWhatIsNot) {
  const std::string zeros(32, '0');
  for (const std::string& value :
       {std::string(), "00-" + trace + "-" + parent, "ff-" + trace + "-" + parent + "-01",
        "00-" + trace + "-" + parent + "-01-more", "00-" + zeros + "-" + parent + "-01",
        "00-" + trace + "-" + zeros.substr(16) + "-01", "00-4BF92F3577B34DA6A3CE929D0E0E4736-" + parent + "-01",
        "00_" + trace + "-" + parent + "-01", "0g-" + trace + "-" + parent + "-01",
        "cc-" + trace + "-" + parent + "-01x"})
    EXPECT_EQ(read(value).trace_id, "") << value;
  RequestHead twice;
  const std::string valid = "00-" + trace + "-" + parent + "-01";
  twice.fields = {{"traceparent", valid}, {"traceparent", valid}};
  EXPECT_EQ(trace_of(twice, "req_1", std::nullopt).trace_id, "");
}

TEST(TraceContext, BeginsOneOnlyWhereTracesAreSent) {
  OtlpSpec otlp;
  const TraceContext begun = read("nonsense", otlp);
  EXPECT_EQ(begun.trace_id.size(), 32u);
  EXPECT_EQ(begun.parent, "");
  EXPECT_TRUE(begun.sampled());
  EXPECT_NE(begun.trace_id, trace_of(RequestHead(), "req_2", otlp).trace_id);
  otlp.sample = 0;
  EXPECT_FALSE(read("", otlp).sampled());
  otlp.traces = false;
  EXPECT_EQ(read("", otlp).trace_id, "");
}

TEST(TraceContext, SamplesTheShareThatIsAskedFor) {
  OtlpSpec otlp;
  otlp.sample = 0.25;
  int sampled = 0;
  for (int i = 0; i < 4000; ++i) sampled += trace_of(RequestHead(), "req_" + std::to_string(i), otlp).sampled() ? 1 : 0;
  EXPECT_NEAR(sampled, 1000, 120);
}

TEST(TraceContext, AttemptsHaveSpansOfTheirOwn) {
  EXPECT_EQ(span_id("req_1", 0).size(), 16u);
  EXPECT_NE(span_id("req_1", 0), span_id("req_1", 1));
  EXPECT_NE(span_id("req_1", 1), span_id("req_2", 1));
  EXPECT_EQ(span_id("req_1", 1), span_id("req_1", 1));
  EncodedCall call;
  continue_trace(call, read("00-" + trace + "-" + parent + "-01"), "req_1", 2);
  ASSERT_EQ(call.call.fields.size(), 1u);
  EXPECT_EQ(call.call.fields[0].value, "00-" + trace + "-" + span_id("req_1", 2) + "-01");
}

}  // namespace
}  // namespace triage
