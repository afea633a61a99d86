// SPDX-License-Identifier: Apache-2.0
// libjwt's header.
#pragma once
#include <jwt.h>
