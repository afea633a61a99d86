// SPDX-License-Identifier: Apache-2.0
import Glibc

/// For threads of our own; a task would hold up its executor.
enum Pause {
    static func milliseconds(_ count: UInt32) { usleep(count * 1000) }
}
