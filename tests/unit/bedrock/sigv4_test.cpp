// AWS's signing test suite (awslabs/aws-c-auth, Apache-2.0): one case here, all that are beside the project.
#include "bedrock/sigv4.hpp"

#include "base/percent.hpp"
#include "base/sha256.hpp"
#include "unit/bedrock/vectors.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace triage::bedrock {
namespace {

using nlohmann::ordered_json;

const std::chrono::system_clock::time_point vector_time{std::chrono::seconds(1440938160)};  // 2015-08-30T12:36:00Z
constexpr AwsKeys example_keys{"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", ""};
const SigningScope scope{"us-east-1", "service", vector_time};

TEST(Sigv4, SignsAPublishedCase) {
  const std::string hash = hex(sha256(""));
  const RequestToSign request{
      "POST", "/", "", {{"X-Amz-Date", "20150830T123600Z"}, {"Host", "example.amazonaws.com"}}, hash};
  EXPECT_EQ(authorization(example_keys, scope, request),
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
            "SignedHeaders=host;x-amz-date, "
            "Signature=5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b");
}

TEST(Sigv4, EncodesThePathOnceMoreThanItIsSent) {
  const RequestToSign request{"POST", "/model/anthropic.claude-x%3A0/converse", "", {}, "h"};
  EXPECT_EQ(canonical_request(request).text, "POST\n/model/anthropic.claude-x%253A0/converse\n\n\n\nh");
  EXPECT_EQ(percent_encoded("arn:aws:bedrock:us-east-1:1:x/y z"), "arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Ax%2Fy%20z");
}

TEST(Sigv4, SortsAndTrims) {
  const RequestToSign request{"GET", "/", "b=2&a&b=1", {{"X-B", "  a   b "}, {"x-a", "2"}, {"X-A", "1"}}, "h"};
  const CanonicalRequest out = canonical_request(request);
  EXPECT_EQ(out.text, "GET\n/\na=&b=1&b=2\nx-a:2,1\nx-b:a b\n\nx-a;x-b\nh");
  EXPECT_EQ(out.signed_fields, "x-a;x-b");
}

TEST(Sigv4, NormalizesPaths) {
  EXPECT_EQ(normalized_path("/a/./b/../c"), "/a/c");
  EXPECT_EQ(normalized_path("//a//"), "/a/");
  EXPECT_EQ(normalized_path("/.."), "/");
  EXPECT_EQ(normalized_path("/a/."), "/a/");
  EXPECT_EQ(normalized_path(""), "/");
}

// One case of the suite, read from its texts.
struct Case {
  explicit Case(const ordered_json& file) : context(file.at("context.json")) {
    std::istringstream in(file.at("request.txt").get<std::string>());
    std::string line;
    std::getline(in, line);
    method = line.substr(0, line.find(' '));
    target = line.substr(method.size() + 1, line.rfind(' ') - method.size() - 1);
    while (std::getline(in, line) && !line.empty()) {
      if (line[0] == ' ')
        lines.back().second += " " + line;
      else
        lines.emplace_back(line.substr(0, line.find(':')), line.substr(line.find(':') + 1));
    }
    std::getline(in, body, '\0');
    const ordered_json& credentials = context.at("credentials");
    id = credentials.at("access_key_id");
    secret = credentials.at("secret_access_key");
    token = credentials.value("token", "");
    omits_token = context.value("omit_session_token", false);
    hash = hex(sha256(context.at("sign_body").get<bool>() ? body : ""));
  }
  [[nodiscard]] AwsKeys keys() const { return {id, secret, token}; }

  [[nodiscard]] RequestToSign request() const {
    RequestToSign out;
    out.method = method;
    const std::size_t mark = target.find('?');
    path = target.substr(0, mark);
    if (context.at("normalize").get<bool>()) path = normalized_path(path);
    out.path = path;
    if (mark != std::string::npos) out.query = std::string_view(target).substr(mark + 1);
    for (const auto& [name, value] : lines) out.fields.push_back({name, value});
    out.body_sha256 = hash;
    return out;
  }

  ordered_json context;
  std::string method, target, body, id, secret, token, hash;
  mutable std::string path;
  bool omits_token = false;
  std::vector<std::pair<std::string, std::string>> lines;
};

void check(const RequestToSign& request, const Case& of, const ordered_json& file, const std::string& kind) {
  const std::string canonical = canonical_request(request).text;
  EXPECT_EQ(canonical, file.at(kind + "-canonical-request.txt").get<std::string>());
  const std::string text = string_to_sign(scope, canonical);
  EXPECT_EQ(text, file.at(kind + "-string-to-sign.txt").get<std::string>());
  EXPECT_EQ(signature(of.keys(), scope, text), file.at(kind + "-signature.txt").get<std::string>());
}

void check_fields(const Case& of, const ordered_json& file) {
  RequestToSign request = of.request();
  const std::string date = amz_date(vector_time);
  request.fields.push_back({"X-Amz-Date", date});
  if (!of.token.empty() && !of.omits_token) request.fields.push_back({"X-Amz-Security-Token", of.token});
  if (of.context.at("sign_body").get<bool>()) request.fields.push_back({"x-amz-content-sha256", of.hash});
  check(request, of, file, "header");
  EXPECT_NE(file.at("header-signed-request.txt").get<std::string>().find(authorization(of.keys(), scope, request)),
            std::string::npos);
}

void check_query(const Case& of, const ordered_json& file) {
  RequestToSign request = of.request();
  const auto encoded = [](std::string_view text) { return percent_encoded(text); };
  std::string query(request.query);
  query += query.empty() ? "" : "&";
  query += "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=" + encoded(of.id) +
           encoded("/20150830/us-east-1/service/aws4_request") + "&X-Amz-Date=" + amz_date(vector_time);
  query += "&X-Amz-SignedHeaders=" + encoded(canonical_request(request).signed_fields) + "&X-Amz-Expires=3600";
  if (!of.token.empty() && !of.omits_token) query += "&X-Amz-Security-Token=" + encoded(of.token);
  request.query = query;
  check(request, of, file, "query");
}

TEST(Sigv4, SignsEveryCaseOfTheSuite) {
  const auto folder = test::provider_vectors() / "sigv4";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no vectors at " << folder << " (set TRIAGE_SHARED)";
  int count = 0;
  for (const auto& each : std::filesystem::directory_iterator(folder)) {
    SCOPED_TRACE(each.path().filename());
    const ordered_json file = test::json_of(each.path());
    const Case of(file);
    check_fields(of, file);
    check_query(of, file);
    ++count;
  }
  EXPECT_GT(count, 10);
}

}  // namespace
}  // namespace triage::bedrock
