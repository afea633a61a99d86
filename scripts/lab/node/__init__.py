# SPDX-License-Identifier: Apache-2.0
"""A node of the tests' cluster: what a kubelet and a container runtime do, as far as our pods need it."""
