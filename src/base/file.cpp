#include "base/file.hpp"

#include "base/sha256.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace triage {

std::optional<std::string> read_file(const std::string& path, std::size_t bytes_max, std::string& reason) {
  const auto failed = [&]() -> std::optional<std::string> {
    reason = std::strerror(errno);
    return std::nullopt;
  };
  if (path.find('\0') != std::string::npos) {
    reason = "its name has a zero byte";
    return std::nullopt;
  }
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return failed();
  std::string out;
  for (;;) {
    const std::size_t have = out.size();
    out.resize(std::min(bytes_max + 1, have + 64 * 1024));
    const ssize_t got = ::read(file, out.data() + have, out.size() - have);
    out.resize(have + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0 || out.size() > bytes_max) {
      const int error = got < 0 ? errno : 0;
      ::close(file);
      errno = error;
      if (got < 0) return failed();
      if (out.size() <= bytes_max) return out;
      reason = "it is larger than " + std::to_string(bytes_max / 1024) + " KiB";
      return std::nullopt;
    }
  }
}

Result<std::string> read_file(const PartFile& file) {
  const auto failed = [&file](const std::string& why) {
    return Error{ErrorCode::invalid_config, "cannot read '" + file.path + "': " + why};
  };
  std::string reason;
  auto content = read_file(file.path, part_bytes_max, reason);
  if (!content) return failed(reason);
  if (hex(sha256(*content)) != file.sha256) return failed("it has changed since the configuration was read");
  return std::move(*content);
}

}  // namespace triage
