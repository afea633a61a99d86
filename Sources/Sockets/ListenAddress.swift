// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// Where to listen.
package enum ListenAddress: Hashable, Sendable, CustomStringConvertible {
    /// An IP address or a name, or `*` for every address of this host. Port 0 lets the kernel choose.
    case tcp(host: String, port: UInt16)
    /// A path in the file system; `mode` is the file's, and so says who may connect.
    case unix(path: String, mode: UInt32 = 0o660)

    package var description: String {
        switch self {
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path, _): "unix:\(path)"
        }
    }

    /// What fits in `sockaddr_un.sun_path` before its closing NUL.
    static let pathBytesMax = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1
}
