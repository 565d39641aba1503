#pragma once
// A provider's connection as the parsers see it, for one request: pieces of bytes in, heads and one body out.

#include "http1/chunk_decoder.hpp"
#include "http1/response_head_parser.hpp"
#include "triage/error.hpp"

#include "request_head_stream.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace triage::test {

class ResponseStream {
 public:
  explicit ResponseStream(HeadLimits limits, bool to_head_request = false)
      : parser_(limits), to_head_request_(to_head_request) {}

  void feed(std::string_view bytes) {
    unread_ += bytes;
    while (!fault && !done && (reading_body_ ? read_body() : read_head())) {
    }
  }

  std::vector<int> statuses;                                ///< interim ones first
  std::vector<std::pair<std::string, std::string>> fields;  ///< of the last head
  ResponseFraming framing;
  std::string body;
  bool done = false;  ///< never if the body ends with the connection
  std::optional<Error> fault;

  [[nodiscard]] std::string_view unread() const { return unread_; }

  [[nodiscard]] bool same_as(const ResponseStream& other) const {
    if (fault.has_value() != other.fault.has_value() || (fault && fault->message != other.fault->message)) return false;
    return statuses == other.statuses && fields == other.fields && body == other.body && done == other.done &&
           (!done || unread_ == other.unread_) && framing.content_length == other.framing.content_length &&
           framing.chunked == other.framing.chunked && framing.until_close == other.framing.until_close &&
           framing.keep_alive == other.framing.keep_alive;
  }

 private:
  bool read_head() {
    const ExactCopy copy(unread_);
    ResponseHead head;
    switch (parser_.feed(copy.view(), to_head_request_, head, framing)) {
      case ResponseHeadParser::Status::need_more: return false;
      case ResponseHeadParser::Status::failed: fault = parser_.error(); return false;
      case ResponseHeadParser::Status::done: break;
    }
    statuses.push_back(head.status);
    fields.clear();
    for (const Field& field : head.fields) fields.emplace_back(field.name, field.value);
    unread_.erase(0, parser_.consumed());
    parser_.reset();
    reading_body_ = head.status >= 200;
    left_ = framing.content_length.value_or(0);
    return true;
  }

  bool read_body() {
    if (framing.chunked) {
      const ExactCopy copy(unread_);
      const auto piece = decoder_.decode(copy.view());
      if (!piece) return fault = piece.error(), false;
      body += piece->payload;
      done = piece->done;
      unread_.erase(0, piece->consumed);
      return piece->consumed != 0;
    }
    const auto size =
        framing.until_close ? unread_.size() : static_cast<std::size_t>(std::min<std::uint64_t>(left_, unread_.size()));
    body += unread_.substr(0, size);
    unread_.erase(0, size);
    left_ -= framing.until_close ? 0 : size;
    done = !framing.until_close && left_ == 0;
    return false;
  }

  ResponseHeadParser parser_;
  ChunkDecoder decoder_{ErrorCode::upstream_bad_response};
  bool to_head_request_;
  std::string unread_;
  bool reading_body_ = false;
  std::uint64_t left_ = 0;
};

}  // namespace triage::test
