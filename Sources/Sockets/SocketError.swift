// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc

/// Why a socket could not be had; each case is something else for an operator to do.
package enum SocketError: Error, Equatable {
    case addressInUse(ListenAddress)
    case addressNotOfThisHost(ListenAddress)
    case addressForbidden(ListenAddress)
    case hostUnknown(String)
    case pathTooLong(String)
    case pathNotASocket(String)
    /// Anything else: the system call and its error number.
    case system(call: String, errno: Int32)

    /// What the last failed call left in `errno`.
    static func last(_ call: String) -> SocketError { .system(call: call, errno: errno) }
}

extension SocketError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .addressInUse(.tcp(let host, let port)):
            "port \(port) on \(host) is in use by another process (EADDRINUSE): choose another or stop it"
        case .addressInUse(.unix(let path, _)):
            "socket \(path) is in use by another process (EADDRINUSE): choose another path or stop it"
        case .addressNotOfThisHost(let address):
            "\(address) is no address of this host (EADDRNOTAVAIL): listen on one that `ip address` shows"
        case .addressForbidden(.tcp(_, let port)) where port < 1024:
            "port \(port) may not be opened by this user (EACCES): choose one from 1024 up, or allow low ports"
        case .addressForbidden(let address):
            "\(address) may not be opened by this user (EACCES): check who may write there"
        case .hostUnknown(let host):
            "\(host) is neither an address nor a name that this host can look up: write it as an IP address"
        case .pathTooLong(let path):
            "socket path \(path) is too long: the kernel takes at most \(ListenAddress.pathBytesMax) bytes"
        case .pathNotASocket(let path):
            "\(path) exists and is not a socket: move it away or choose another path"
        case .system(let call, let code):
            "\(call) failed: \(String(cString: strerror(code))) (\(errnoName(code)))"
        }
    }
}

/// `EADDRINUSE` and its kin, as manuals spell them.
private func errnoName(_ code: Int32) -> String {
    guard let name = strerrorname_np(code) else { return "errno \(code)" }
    return String(cString: name)
}
