#include "http1/error_fields.hpp"

#include <gtest/gtest.h>

namespace triage {
namespace {

std::string fields_of(const Error& error, std::vector<Field> there = {}) {
  ResponseHead head{traits(error.code).status, std::move(there)};
  std::string storage;
  add_error_fields(head, error, storage);
  std::string out;
  for (const Field& field : head.fields) out.append(field.name).append(": ").append(field.value).append("\n");
  return out;
}

TEST(ErrorFields, SayWhatTheErrorIs) {
  EXPECT_EQ(fields_of({ErrorCode::invalid_json, ""}), "content-type: application/json\n");
  EXPECT_EQ(fields_of({ErrorCode::invalid_api_key, ""}), "content-type: application/json\nwww-authenticate: Bearer\n");
  Error error{ErrorCode::method_not_allowed, ""};
  error.allow = "GET, HEAD";
  EXPECT_EQ(fields_of(error), "content-type: application/json\nallow: GET, HEAD\n");
}

TEST(ErrorFields, SayWhenToComeBack) {
  EXPECT_EQ(fields_of({ErrorCode::overloaded, ""}), "content-type: application/json\nretry-after: 1\n");
  EXPECT_EQ(fields_of({ErrorCode::overloaded, "", "", std::chrono::seconds(7)}),
            "content-type: application/json\nretry-after: 7\n");
  EXPECT_EQ(fields_of({ErrorCode::internal_error, "", "", std::chrono::seconds(2)}),
            "content-type: application/json\nretry-after: 2\n");
  EXPECT_EQ(fields_of({ErrorCode::internal_error, ""}), "content-type: application/json\n");
}

TEST(ErrorFields, LeaveWhatIsThere) {
  EXPECT_EQ(fields_of({ErrorCode::overloaded, ""}, {{"Retry-After", "30"}, {"Content-Type", "text/plain"}}),
            "Retry-After: 30\nContent-Type: text/plain\n");
}

}  // namespace
}  // namespace triage
