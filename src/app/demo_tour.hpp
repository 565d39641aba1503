#pragma once
// What the demo shows at its start: questions that go different ways, and what each cost.

#include "triage/spec.hpp"

#include <string>

namespace triage {

/// A folder for the demo's ledger, which is removed with this object.
class DemoFolder {
 public:
  /// Throws std::system_error if it cannot be made.
  DemoFolder();
  DemoFolder(const DemoFolder&) = delete;
  DemoFolder& operator=(const DemoFolder&) = delete;
  ~DemoFolder();
  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  /// A file beside the ledger: the demo's configuration, for those who ask what it is.
  [[nodiscard]] std::string config() const { return path_ + "/triage.yaml"; }
  void write(const std::string& config) const;

 private:
  std::string path_;
};

/// Asks the gateway at `endpoint` four questions, and tells where each went and what it cost, a line each; then how to
/// read the ledger in the folder `ledger`, and how much `traffic` there is beside them.
std::string demo_tour(const Address& endpoint, const std::string& ledger, bool traffic);

}  // namespace triage
