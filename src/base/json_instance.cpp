// nlohmann's JSON, instantiated once for the whole program; the precompiled header tells the other files so.

#include <nlohmann/json.hpp>

template class nlohmann::basic_json<>;
