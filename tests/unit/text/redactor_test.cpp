#include "text/redactor.hpp"

#include <gtest/gtest.h>

namespace triage {
namespace {

const Redactor& redactor() {
  static const Redactor instance;
  return instance;
}

struct Case {
  const char* text;
  const char* redacted;
};

void expect(const std::vector<Case>& cases) {
  for (const Case& each : cases) EXPECT_EQ(redactor().redacted(each.text), each.redacted) << each.text;
}

TEST(Redactor, EmailAddresses) {
  expect({
      {"Write to jane.doe+billing@example.co.uk today.", "Write to [email] today."},
      {"<o'neil@mail.example.com>, cc: a_b%c@x-y.org!", "<[email]>, cc: [email]!"},
      {"Schreib an j\xc3\xbcrgen@m\xc3\xbcller.de.", "Schreib an [email]."},
      {"mailto:support@example.com?subject=x", "mailto:[email]?subject=x"},
      {"npm install @types/node@20.1.0", "npm install @types/node@20.1.0"},
      {"user@localhost and @mention and a @ b.com", "user@localhost and @mention and a @ b.com"},
      {"git@github.com:org/repo.git", "[email]:org/repo.git"},
  });
}

TEST(Redactor, PaymentCards) {
  expect({
      {"card 4111 1111 1111 1111 exp 04/27", "card [card] exp 04/27"},
      {"4111111111111111", "[card]"},
      {"(5555-5555-5555-4444)", "([card])"},
      {"amex: 378282246310005.", "amex: [card]."},
      {"2223003122003222, 6011111111111117", "[card], [card]"},
      {"4111 1111 1111 1112 fails the check", "4111 1111 1111 1112 fails the check"},
      {"order 1234567890123452", "order 1234567890123452"},
      {"0000000000000000 and 4444444444444444", "0000000000000000 and 4444444444444444"},
      {"trace 4111111111111111ab, id_4111111111111111", "trace 4111111111111111ab, id_4111111111111111"},
      {"pi is 3.4111111111111111", "pi is 3.4111111111111111"},
      {"at 1795384568000 ms, 1795384568000123 us", "at 1795384568000 ms, 1795384568000123 us"},
  });
}

TEST(Redactor, Telephones) {
  expect({
      {"Call +49 30 901820 or +1 (415) 555-2671.", "Call [phone] or [phone]."},
      {"+442079460958", "[phone]"},
      {"(212) 555-0187, 212-555-0187, 212.555.0187, 1-800-555-0199", "[phone], [phone], [phone], [phone]"},
      {"030 1234567; 0171/2345678; 020 7946 0958; 01 23 45 67 89", "[phone]; [phone]; [phone]; [phone]"},
      {"tel:+14155552671", "tel:[phone]"},
      {"on 2026-11-23 at 12:30:45, 23.11.2026, 01-02-2026", "on 2026-11-23 at 12:30:45, 23.11.2026, 01-02-2026"},
      {"192.168.100.100 and 10.0.0.1:8080", "192.168.100.100 and 10.0.0.1:8080"},
      {"ISBN 978-3-16-148410-0", "ISBN 978-3-16-148410-0"},
      {"0.0012345678, 1,234,567,890, $1 234 567", "0.0012345678, 1,234,567,890, $1 234 567"},
      {"1+12345678 = 12345679", "1+12345678 = 12345679"},
      {"550e8400-e29b-41d4-a716-446655440000", "550e8400-e29b-41d4-a716-446655440000"},
      {"for (int i = 0; i < 100000000; ++i)", "for (int i = 0; i < 100000000; ++i)"},
      {"commit 0123456789abcdef0123456789abcdef01234567", "commit 0123456789abcdef0123456789abcdef01234567"},
      {"v1.20.300 has 100 200 3000 rows", "v1.20.300 has [phone] rows"},  // by its form, one
  });
}

TEST(Redactor, KeysAndTokens) {
  expect({
      {"OPENAI_API_KEY=sk-proj-abcdEFGH1234abcdEFGH", "OPENAI_API_KEY=[key]"},
      {"Authorization: Bearer abcDEF123456789._~+/-==", "Authorization: Bearer [key]"},
      {"use ghp_abcdefghijklmnopqrstuvwxyz0123 here", "use [key] here"},
      {"AKIAIOSFODNN7EXAMPLE", "[key]"},
      {"xoxb-1234567890-abcdefghij", "[key]"},
      {"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc-DEF_123", "[key]"},
      {R"({"api_key": "a1b2c3d4e5f6g7h8"})", R"({"api_key": "[key]"})"},
      {"password=hunter2hunter2", "password=[key]"},
      {"a\n-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nb", "a\n[key]\nb"},
      {"-----BEGIN PRIVATE KEY-----\nMIIEcut off", "[key]"},
      {"the secret: understanding-people", "the secret: understanding-people"},
      {"token: deserialization", "token: deserialization"},
      {"a bearer of bad news", "a bearer of bad news"},
      {"risk-assessment-of-something-long", "risk-assessment-of-something-long"},
      {"sk-learn-contrib-for-everyone", "sk-learn-contrib-for-everyone"},
      {"task_force_of_the_whole_company", "task_force_of_the_whole_company"},
  });
}

TEST(Redactor, PatternsOfTheConfiguration) {
  const Redactor own({"EMP-\\d{4}", "(?i)project\\s+(falcon|heron)"});
  EXPECT_EQ(own.redacted("EMP-1234 of Project Falcon, mail a@b.org"), "[redacted] of [redacted], mail [email]");
  EXPECT_EQ(Redactor({"("}).redacted("("), "(") << "one that RE2 does not take is left out";
  EXPECT_EQ(Redactor({"x*"}).redacted("axxb"), "a[redacted]b");
}

TEST(Redactor, LeavesAnythingElse) {
  for (const char* text : {"", "plain", "\xff\xfe", "SELECT * FROM t WHERE id = 42;",
                           "caf\xc3\xa9 \xe2\x82\xac"
                           "5.00"})
    EXPECT_EQ(redactor().redacted(text), text);
}

}  // namespace
}  // namespace triage
