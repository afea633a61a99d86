// SPDX-License-Identifier: Apache-2.0
#if arch(x86_64)
    // Clang's own header of SSE2, which every x86-64 has: Swift's comparisons of vectors are calls, these are
    // instructions.
    import _Builtin_intrinsics.intel.sse2

    extension SIMD16<UInt8> {
        /// A bit for each byte that is a quote, a backslash, below 0x20 or above 0x7F; the first byte's lowest.
        @inline(__always)
        var stopBits: UInt64 {
            let bytes = unsafeBitCast(self, to: __m128i.self)
            let quotes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(Int8(Byte.quote)))
            let backslashes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(Int8(Byte.backslash)))
            // As signed numbers those above 0x7F are below zero.
            let others = _mm_cmplt_epi8(bytes, _mm_set1_epi8(Int8(Byte.space)))
            let stops = _mm_or_si128(_mm_or_si128(quotes, backslashes), others)
            return UInt64(UInt16(truncatingIfNeeded: _mm_movemask_epi8(stops)))
        }
    }
#else
    extension SIMD16<UInt8> {
        /// A bit for each byte that is a quote, a backslash, below 0x20 or above 0x7F; the first byte's lowest.
        ///
        /// By sums alone, since comparisons of vectors are not inlined and cost more than a loop over the bytes.
        @inline(__always)
        var stopBits: UInt64 {
            let one = SIMD16<UInt8>(repeating: 1)
            let quotes = (self ^ SIMD16(repeating: Byte.quote)) &- one
            let backslashes = (self ^ SIMD16(repeating: Byte.backslash)) &- one
            let controls = self &- SIMD16(repeating: Byte.space)
            let marks = (quotes | backslashes | controls | self) & SIMD16(repeating: 0x80)
            let words = unsafeBitCast(marks, to: SIMD2<UInt64>.self)
            return Self.eightBits(words[0]) | Self.eightBits(words[1]) &<< 8
        }

        /// The top bits of eight bytes side by side; the other bits have to be zero.
        @inline(__always)
        private static func eightBits(_ word: UInt64) -> UInt64 {
            (UInt64(littleEndian: word) &* 0x0002_0408_1020_4081) &>> 56
        }
    }
#endif
