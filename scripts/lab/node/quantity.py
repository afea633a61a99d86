# SPDX-License-Identifier: Apache-2.0
"""Kubernetes' amounts, as far as a kubelet has to count."""

from fractions import Fraction

UNITS = {
    "m": Fraction(1, 1000), "": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12,
    "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40,
}


def quantity(text):
    """`500m`, `1Gi`, `2`: an exact number of the unit."""
    digits = str(text).rstrip("mkKMGTi")
    return Fraction(digits) * UNITS[str(text)[len(digits):]]
