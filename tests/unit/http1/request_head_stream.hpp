#pragma once
// A client's connection as the parsers see it: pieces of bytes in, requests and the first fault out.

#include "http1/chunk_decoder.hpp"
#include "http1/head_parser.hpp"
#include "triage/error.hpp"
#include "triage/message.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace triage::test {

/// Hands out every view at a new address of exactly its size, so that a sanitizer sees any reach outside of it.
class ExactCopy {
 public:
  explicit ExactCopy(std::string_view bytes) : bytes_(std::make_unique<char[]>(bytes.size())), size_(bytes.size()) {
    std::copy(bytes.begin(), bytes.end(), bytes_.get());
  }
  [[nodiscard]] std::string_view view() const { return {bytes_.get(), size_}; }

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t size_;
};

struct SeenRequest {
  std::string method;
  std::string target;
  std::string path;
  std::string query;
  std::string host;
  std::vector<std::pair<std::string, std::string>> fields;
  int minor = 1;
  bool keep_alive = true;
  bool expect_continue = false;
  std::string body;

  bool operator==(const SeenRequest&) const = default;
};

class RequestStream {
 public:
  explicit RequestStream(HeadLimits limits) : parser_(limits) {}

  void feed(std::string_view bytes) {
    unread_ += bytes;
    while (!fault && !closed_ && (reading_body_ ? read_body() : read_head())) {
    }
  }

  /// True where a client may stop: between two requests.
  [[nodiscard]] bool at_boundary() const { return closed_ || (!reading_body_ && !parser_.started()); }

  std::vector<SeenRequest> requests;  ///< those read to their end
  std::optional<Error> fault;

  [[nodiscard]] bool same_as(const RequestStream& other) const {
    if (requests != other.requests || fault.has_value() != other.fault.has_value()) return false;
    if (fault) return fault->code == other.fault->code && fault->message == other.fault->message;
    return at_boundary() == other.at_boundary();
  }

 private:
  bool read_head() {
    const ExactCopy copy(unread_);
    RequestHead head;
    switch (parser_.feed(copy.view(), head)) {
      case RequestHeadParser::Status::need_more: return false;
      case RequestHeadParser::Status::failed: fault = parser_.error(); return false;
      case RequestHeadParser::Status::done: break;
    }
    current_ = SeenRequest{std::string(head.method),
                           std::string(head.target),
                           std::string(head.path),
                           std::string(head.query),
                           std::string(head.host),
                           {},
                           head.minor,
                           head.keep_alive,
                           head.expect_continue,
                           {}};
    for (const Field& field : head.fields) current_.fields.emplace_back(field.name, field.value);
    unread_.erase(0, parser_.consumed());
    parser_.reset();
    reading_body_ = true;
    chunked_ = head.chunked;
    left_ = head.content_length.value_or(0);
    decoder_.reset();
    return true;
  }

  bool read_body() {
    bool done = false;
    if (chunked_) {
      const ExactCopy copy(unread_);
      const auto piece = decoder_.decode(copy.view());
      if (!piece) return fault = piece.error(), false;
      current_.body += piece->payload;
      done = piece->done;
      if (!done && piece->consumed == 0) return false;
      unread_.erase(0, piece->consumed);
    } else {
      const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, unread_.size()));
      current_.body += unread_.substr(0, size);
      unread_.erase(0, size);
      left_ -= size;
      done = left_ == 0;
      if (!done) return false;
    }
    if (!done) return true;
    reading_body_ = false;
    closed_ = !current_.keep_alive;
    requests.push_back(std::move(current_));
    return true;
  }

  RequestHeadParser parser_;
  ChunkDecoder decoder_{ErrorCode::malformed_http};
  std::string unread_;
  SeenRequest current_;
  bool reading_body_ = false;
  bool chunked_ = false;
  bool closed_ = false;
  std::uint64_t left_ = 0;
};

}  // namespace triage::test
