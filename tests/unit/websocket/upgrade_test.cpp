#include "websocket/upgrade.hpp"

#include <gtest/gtest.h>

namespace triage::websocket {
namespace {

RequestHead asking(std::vector<Field> more = {}) {
  RequestHead head;
  head.method = "GET";
  head.path = "/v1/realtime";
  head.fields = {{"Host", "localhost"},
                 {"Connection", "keep-alive, Upgrade"},
                 {"Upgrade", "WebSocket"},
                 {"Sec-WebSocket-Version", "13"},
                 {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}};
  head.fields.insert(head.fields.end(), more.begin(), more.end());
  return head;
}

void set(RequestHead& head, std::string_view name, std::string_view value) {
  for (Field& field : head.fields)
    if (iequals(field.name, name)) field.value = value;
}

TEST(Upgrade, AWebSocketIsAskedForByTwoFields) {
  EXPECT_TRUE(asks_for_web_socket(asking()));
  EXPECT_TRUE(asks_for_upgrade(asking()));
  RequestHead head = asking();
  set(head, "connection", "keep-alive");
  EXPECT_FALSE(asks_for_web_socket(head));
  EXPECT_FALSE(asks_for_upgrade(head));
  head = asking();
  set(head, "upgrade", "foo/2, websocket");
  EXPECT_TRUE(asks_for_web_socket(head));
  set(head, "upgrade", "foo/2");
  EXPECT_FALSE(asks_for_web_socket(head));
  EXPECT_TRUE(asks_for_upgrade(head));
}

TEST(Upgrade, AnOfferOfHttp2IsNone) {
  RequestHead head = asking();
  set(head, "connection", "Upgrade, HTTP2-Settings");
  set(head, "upgrade", "h2c");
  EXPECT_FALSE(asks_for_upgrade(head));
}

TEST(Upgrade, WhatIsMissingIsNamed) {
  EXPECT_FALSE(handshake_fault(asking()));
  RequestHead head = asking();
  head.method = "POST";
  EXPECT_EQ(handshake_fault(head)->code, ErrorCode::invalid_value);
  head = asking();
  head.minor = 0;
  EXPECT_EQ(handshake_fault(head)->code, ErrorCode::invalid_value);
  head = asking();
  head.content_length = 5;
  EXPECT_EQ(handshake_fault(head)->code, ErrorCode::invalid_value);
  for (const std::string_view version : {"8", "", "13, 8", "013"}) {
    head = asking();
    set(head, "sec-websocket-version", version);
    EXPECT_EQ(handshake_fault(head)->code, ErrorCode::upgrade_required) << version;
  }
  for (const std::string_view key :
       {"", "short", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25jZ$==", "dGhlIHNhbXBsZSBub25jZQAA"}) {
    head = asking();
    set(head, "sec-websocket-key", key);
    EXPECT_EQ(handshake_fault(head)->code, ErrorCode::invalid_value) << key;
  }
  head = asking({{"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}});
  EXPECT_EQ(handshake_fault(head)->code, ErrorCode::invalid_value);
}

TEST(Upgrade, TheKeyIsFoundAmongTheSubprotocols) {
  const RequestHead head = asking({{"Sec-WebSocket-Protocol", "realtime, openai-insecure-api-key.tk-1 ,"},
                                   {"sec-websocket-protocol", "openai-beta.realtime-v1"}});
  EXPECT_EQ(subprotocols(head),
            (std::vector<std::string_view>{"realtime", "openai-insecure-api-key.tk-1", "openai-beta.realtime-v1"}));
  EXPECT_EQ(key_of(head), "tk-1");
  EXPECT_EQ(key_of(asking()), "");
  EXPECT_TRUE(is_credential("OpenAI-Insecure-API-Key.x"));
  EXPECT_TRUE(is_credential("openai-organization.org-1"));
  EXPECT_TRUE(is_credential("openai-project.proj-1"));
  EXPECT_FALSE(is_credential("openai-beta.realtime-v1"));
  EXPECT_FALSE(is_credential("realtime"));
}

}  // namespace
}  // namespace triage::websocket
