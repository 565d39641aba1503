#pragma once
// What a person sees in a terminal, and how a configuration's mistakes are told.

#include "config/load.hpp"

#include <cstdint>
#include <vector>

namespace triage {

/// Whether `descriptor` (1 or 2) may be given colours: it is a terminal that has them, and NO_COLOR is not set
/// (no-color.org).
bool has_colour(int descriptor);

enum class Told : std::uint8_t { errors, all };

/// Tells stderr the errors, and the warnings where all are told.
void tell(const std::vector<Diagnostic>& diagnostics, Told what = Told::all);

/// False: the configuration has errors. stderr is told.
bool usable(const Loaded& loaded, Told what = Told::errors);

/// Tells a person whose terminal is standard input that the program waits for `what`.
void note_waiting(const char* what);

/// Opens /dev/null for those of the three standard streams that are closed: otherwise the next file would get that
/// number, and what is printed would be written into it.
void open_standard_streams();

}  // namespace triage
