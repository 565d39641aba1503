#pragma once
// The state of a test as plain numbers. Every class of this folder that learns from a stream has
//
//   std::vector<double> save() const;
//   bool load(std::span<const double> state);
//
// A test that was loaded goes on as the one that was saved would have, to the last bit. What the constructor was given
// is not part of the state: construct it as before, then load. load() is false, and nothing has changed, if the state
// is of another size or a number in it is not finite: it is then the state of something else.

#include <initializer_list>
#include <span>
#include <vector>

namespace triage::statistics {

/// Whether `state` can be the state of something that saves `size` numbers.
bool loadable(std::span<const double> state, std::size_t size);

/// The numbers of several parts in one list.
std::vector<double> joined(std::initializer_list<std::span<const double>> parts);

}  // namespace triage::statistics
