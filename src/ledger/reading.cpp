#include "ledger/reading.hpp"

#include "ledger/schema.hpp"
#include "ledger/sqlite_projection.hpp"

#include <sys/stat.h>

namespace triage::ledger {

Database database_to_read(const std::string& folder) {
  const std::string path = database_path(folder);
  struct stat state {};
  if (stat(path.c_str(), &state) == 0) {
    Database found(path, Database::Mode::read);
    if (schema_version(found) >= static_cast<std::int64_t>(migrations().size())) return found;
  }
  Database empty(":memory:", Database::Mode::write);
  migrate(empty, migrations());
  return empty;
}

}  // namespace triage::ledger
