# SPDX-License-Identifier: Apache-2.0
"""What benchmarks and shows share: the machine, servers under test, the real Berth, tables."""
