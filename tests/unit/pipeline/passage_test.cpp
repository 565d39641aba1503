#include "pipeline/passage.hpp"

#include <gtest/gtest.h>

namespace triage {
namespace {

TEST(PathSpelling, WhatAServerCouldTakeForAnApiThatIsRead) {
  for (const std::string_view path :
       {"/v1/chat/completions/", "/v1//chat/completions", "/v1/Chat/Completions", "/v1/chat/completions;x",
        "/v1/chat;a=b/completions", "/v1/chat/completions%20", "/v1/chat/completions%3f", "/v1/chat/completions.json",
        "/v1/chat/completions//", "/v1/v1/chat/completions", "/v1/v1/v1/chat/completions", "/v1/%20chat/completions",
        "/v1/chat/completions%e2%80%8b"})
    EXPECT_EQ(other_spelling_of(path), "/v1/chat/completions") << path;
  EXPECT_EQ(other_spelling_of("/v1/EMBEDDINGS"), "/v1/embeddings");
  EXPECT_EQ(other_spelling_of("/v1/completions/"), "/v1/completions");
  EXPECT_EQ(other_spelling_of("/v1/Models/"), "/v1/models");
  for (const std::string_view path :
       {"/v1/chat/completions", "/v1/chat/completions/chatcmpl-1", "/v1/chat", "/v1/responses", "/v1/fim/completions",
        "/v1/models/gpt-4o", "/v1/chat-completions", "/v1/chat/completions-2", "/", ""})
    EXPECT_EQ(other_spelling_of(path), "") << path;
}

TEST(Paths, WhatIsKnownOfThem) {
  EXPECT_TRUE(asks_a_model("/v1/responses/compact"));
  EXPECT_TRUE(asks_a_model("/v1/moderations"));
  EXPECT_FALSE(needs_a_model("/v1/moderations"));
  for (const std::string_view path :
       {"/v1/responses/resp_1/cancel", "/v1/batches", "/v1/files", "/v1/fine_tuning/jobs"})
    EXPECT_FALSE(asks_a_model(path)) << path;
  EXPECT_TRUE(keeps_files("/v1/files") && keeps_files("/v1/uploads/upload_1/parts"));
  EXPECT_FALSE(keeps_files("/v1/filesystem") || keeps_files("/v1/audio/transcriptions"));
  EXPECT_TRUE(names_a_model("/v1/models/x:generateContent") && names_a_model("/v1/engines/x/completions"));
}

}  // namespace
}  // namespace triage
