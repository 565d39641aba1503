#pragma once
// The listener's certificate. Loops take the current context for each new connection. A watcher replaces it as a whole
// when the files change; open connections keep theirs.

#include "triage/spec.hpp"

#include <boost/asio/ssl/context.hpp>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

namespace triage::http {

class ServerTls {
 public:
  /// Throws std::runtime_error naming the file and the cause.
  explicit ServerTls(TlsSpec spec);

  [[nodiscard]] std::shared_ptr<boost::asio::ssl::context> current() const;

  /// Loads the files again if one has changed. A bad file changes nothing. Returns why it is bad, or "".
  std::string reload_if_changed();

 private:
  using Times = std::pair<std::filesystem::file_time_type, std::filesystem::file_time_type>;
  [[nodiscard]] Times times() const;

  const TlsSpec spec_;
  mutable std::mutex mutex_;
  std::shared_ptr<boost::asio::ssl::context> context_;
  Times loaded_;
};

}  // namespace triage::http
