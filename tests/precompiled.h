#pragma once

#include <torch/script.h>
#include <torch/torch.h>

// LibTorch defines a CHECK of its own.
#undef CHECK

#include <catch2/catch.hpp>
