// SPDX-License-Identifier: Apache-2.0

/// How large and how deep a text may be before it is refused.
package struct JSONLimits: Sendable, Hashable {
    /// Most bytes of one text. The tape takes up to eight times as much again for the densest text (`[0,0,0,…]`).
    package var bytesMax: Int
    /// Most arrays and objects inside one another; a scalar alone has depth 0.
    package var depthMax: Int

    /// Offsets on the tape have 32 bits, one of which is a flag elsewhere: no text is larger than this.
    static let bytesMost = Int(Int32.max)

    package init(bytesMax: Int = 64 << 20, depthMax: Int = 128) {
        self.bytesMax = min(bytesMax, Self.bytesMost)
        self.depthMax = depthMax
    }
}
