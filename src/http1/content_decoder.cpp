// gzip = 1f 8b ...      one member, or several: what follows a member and is none is passed over
// zlib = CMF FLG ...    CMF & 0f is 8, and (CMF << 8 | FLG) is a multiple of 31; deflate without that is bare
#include "http1/content_decoder.hpp"

#include "http1/field_grammar.hpp"

#include <zlib.h>

#include <algorithm>
#include <new>

namespace triage {
namespace {

constexpr int window_gzip = 15 + 16;
constexpr int window_zlib = 15;
constexpr int window_bare = -15;

ContentCoding coding_of(std::string_view name) noexcept {
  if (name.empty() || iequals(name, "identity")) return ContentCoding::identity;
  if (iequals(name, "gzip") || iequals(name, "x-gzip")) return ContentCoding::gzip;
  return iequals(name, "deflate") ? ContentCoding::deflate : ContentCoding::unknown;
}

bool is_gzip(const char* first) noexcept {
  return first[0] == '\x1f' && first[1] == '\x8b';
}

bool is_zlib(const char* first) noexcept {
  const unsigned both = static_cast<unsigned char>(first[0]) << 8 | static_cast<unsigned char>(first[1]);
  return (static_cast<unsigned char>(first[0]) & 0x0f) == Z_DEFLATED && both % 31 == 0;
}

Error bad() {
  return {ErrorCode::upstream_bad_response, "the provider's answer is not compressed as its Content-Encoding says"};
}

}  // namespace

ContentCoding content_coding(const std::vector<Field>& fields) noexcept {
  ContentCoding out = ContentCoding::identity;
  for (const Field& field : fields) {
    if (field.name.size() != 16 || !iequals(field.name, "content-encoding")) continue;
    grammar::for_each_element(field.value, [&out](std::string_view name) {
      const ContentCoding coding = coding_of(name);
      if (coding != ContentCoding::identity) out = out == ContentCoding::identity ? coding : ContentCoding::unknown;
    });
  }
  return out;
}

std::string decodable(std::string_view accept_encoding) {
  std::string out;
  grammar::for_each_element(accept_encoding, [&out](std::string_view element) {
    const std::string_view coding = grammar::trim(element.substr(0, element.find(';')));
    if (!coding.empty() && coding_of(coding) != ContentCoding::unknown)
      out.append(out.empty() ? "" : ", ").append(element);
  });
  return out.empty() ? "identity" : out;
}

ContentDecoder::ContentDecoder(ContentCoding coding) : coding_(coding) {}

ContentDecoder::~ContentDecoder() {
  if (stream_) inflateEnd(stream_.get());
}

void ContentDecoder::feed(std::string_view bytes) {
  fed_ = bytes;
}

Result<std::string_view> ContentDecoder::next() {
  if (form_ == Form::unknown && !find_form()) return std::string_view();
  if (form_ == Form::plain) return take_plain();
  return inflate_some();
}

// False: more of the body is needed.
bool ContentDecoder::find_form() {
  while (first_size_ < sizeof first_ && !fed_.empty()) {
    first_[first_size_++] = fed_.front();
    fed_.remove_prefix(1);
  }
  begun_ = begun_ || first_size_ > 0;
  if (first_size_ < sizeof first_) return false;
  if (coding_ == ContentCoding::gzip && !is_gzip(first_)) {
    form_ = Form::plain;
    return true;
  }
  form_ = Form::compressed;
  stream_ = std::make_unique<z_stream>();
  const int window = coding_ == ContentCoding::gzip ? window_gzip : is_zlib(first_) ? window_zlib : window_bare;
  if (inflateInit2(stream_.get(), window) != Z_OK) throw std::bad_alloc();
  return true;
}

std::string_view ContentDecoder::take_plain() {
  out_.clear();
  out_.append(std::string_view(first_, first_size_).substr(first_used_));
  first_used_ = first_size_;
  const std::size_t taken = std::min(fed_.size(), piece_bytes - out_.size());
  out_.append(fed_.substr(0, taken));
  fed_.remove_prefix(taken);
  return out_.view();
}

Result<std::string_view> ContentDecoder::inflate_some() {
  out_.clear();
  out_.reserve(piece_bytes);
  while (out_.empty()) {
    const bool of_first = first_used_ < first_size_;
    const std::string_view in = of_first ? std::string_view(first_, first_size_).substr(first_used_) : fed_;
    if (at_end_) {
      if (in.empty() || coding_ != ContentCoding::gzip || in.front() != '\x1f') {
        fed_ = {};
        return std::string_view();
      }
      inflateReset(stream_.get());
      at_end_ = false;
    }
    stream_->next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
    stream_->avail_in = static_cast<uInt>(std::min<std::size_t>(in.size(), 1U << 30));
    const uInt given = stream_->avail_in;
    stream_->next_out = reinterpret_cast<Bytef*>(out_.tail());
    stream_->avail_out = static_cast<uInt>(piece_bytes);
    const int status = inflate(stream_.get(), Z_SYNC_FLUSH);
    const std::size_t used = given - stream_->avail_in;
    if (of_first)
      first_used_ += used;
    else
      fed_.remove_prefix(used);
    out_.commit(piece_bytes - stream_->avail_out);
    if (status == Z_STREAM_END) {
      at_end_ = true;
      continue;
    }
    if (status != Z_OK && status != Z_BUF_ERROR) return bad();
    if (out_.empty() && used == 0) return std::string_view();
  }
  return out_.view();
}

}  // namespace triage
