#pragma once
// What most tests include, compiled once. Never included by hand.

#include "base/precompiled.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
