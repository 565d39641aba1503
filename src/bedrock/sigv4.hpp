#pragma once
// AWS Signature Version 4 (AWS General Reference, "Create a signed AWS API request"). Pure: the time is given.

#include "triage/message.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace triage::bedrock {

/// `session_token` is empty for long-term keys.
struct AwsKeys {
  std::string_view access_key_id;
  std::string_view secret_access_key;
  std::string_view session_token;
};

/// What a signature is valid for, besides the request: some minutes around `time`.
struct SigningScope {
  std::string_view region;
  std::string_view service;
  std::chrono::system_clock::time_point time;
};

struct RequestToSign {
  std::string_view method;
  std::string_view path;         ///< as it is sent
  std::string_view query;        ///< without '?'
  std::vector<Field> fields;     ///< those to sign: Host, and all X-Amz-*
  std::string_view body_sha256;  ///< 64 hexadecimal digits
};

struct CanonicalRequest {
  std::string text;
  std::string signed_fields;  ///< their names: "host;x-amz-date"
};

/// The path without dot segments and repeated slashes, as all services but S3 sign it.
std::string normalized_path(std::string_view path);

/// Encodes the path once more than it is sent ("%3A" becomes "%253A"), sorts the query and the fields.
CanonicalRequest canonical_request(const RequestToSign& request);

std::string string_to_sign(const SigningScope& scope, std::string_view canonical_request);

/// 64 hexadecimal digits.
std::string signature(const AwsKeys& keys, const SigningScope& scope, std::string_view string_to_sign);

/// "20150830T123600Z"
std::string amz_date(std::chrono::system_clock::time_point time);

/// The value of Authorization. `request.fields` has X-Amz-Date, and X-Amz-Security-Token if there is one.
std::string authorization(const AwsKeys& keys, const SigningScope& scope, const RequestToSign& request);

}  // namespace triage::bedrock
