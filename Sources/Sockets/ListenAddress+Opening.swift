// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc

/// Listening descriptors for one address, one for each loop; the caller closes them.
package struct OpenedAddress {
    /// As asked for, with the port that the kernel chose where 0 was asked.
    package let address: ListenAddress
    package let descriptors: [Int32]
    /// The descriptors are one socket, so that every connection is told to each of them.
    package let isShared: Bool
    private let file: FileIdentity?

    fileprivate init(address: ListenAddress, descriptors: [Int32], isShared: Bool) {
        self.address = address
        self.descriptors = descriptors
        self.isShared = isShared
        file = if case .unix(let path, _) = address { FileIdentity(path) } else { nil }
    }

    /// Removes a Unix socket's file, unless another process has put its own there in the meantime.
    package func removeFile() {
        guard case .unix(let path, _) = address, let file, FileIdentity(path) == file else { return }
        _ = unlink(path)
    }
}

private struct FileIdentity: Equatable {
    let device: UInt
    let number: UInt

    init?(_ path: String) {
        var facts = stat()
        guard lstat(path, &facts) == 0 else { return nil }
        (device, number) = (facts.st_dev, facts.st_ino)
    }
}

extension ListenAddress {
    /// The address opened `copies` times, each to be accepted from by its own loop.
    ///
    /// TCP: sockets with SO_REUSEPORT, among which the kernel spreads connections. Unix: duplicates of one socket.
    ///
    /// - Throws: when any of them fails; then none is left open.
    package func open(copies: Int) throws(SocketError) -> OpenedAddress {
        switch self {
        case .tcp(let host, let port): try openTCP(host: host, port: port, copies: copies)
        case .unix(let path, let mode): try openUnix(path: path, mode: mode, copies: copies)
        }
    }
}

// MARK: TCP

extension ListenAddress {
    private func openTCP(host: String, port: UInt16, copies: Int) throws(SocketError) -> OpenedAddress {
        var place = try SocketAddress(resolving: host, port: port)
        try refuseIfInUse(place)
        var opened: [Int32] = []
        do throws(SocketError) {
            for _ in 0..<copies {
                let descriptor = try bound(to: place, sharesPort: true)
                opened.append(descriptor)
                place = SocketAddress(localOf: descriptor)
                guard listen(descriptor, backlog) == 0 else { throw .last("listen") }
            }
        } catch {
            for descriptor in opened { _ = close(descriptor) }
            throw error
        }
        return OpenedAddress(address: .tcp(host: host, port: place.port), descriptors: opened, isShared: false)
    }

    /// SO_REUSEPORT would let a second Berth of the same user share the port without a word, so the port is first
    /// bound once without it.
    private func refuseIfInUse(_ place: SocketAddress) throws(SocketError) {
        guard place.port != 0 else { return }
        _ = close(try bound(to: place, sharesPort: false))
    }

    private func bound(to place: SocketAddress, sharesPort: Bool) throws(SocketError) -> Int32 {
        let descriptor = socket(Int32(place.family), CLINUX_STREAM_SOCKET, 0)
        guard descriptor >= 0 else { throw .last("socket") }
        descriptor.setOption(SOL_SOCKET, SO_REUSEADDR)
        // Accepted sockets inherit it, which spares each connection a system call.
        descriptor.setOption(Int32(IPPROTO_TCP), TCP_NODELAY)
        if sharesPort { descriptor.setOption(SOL_SOCKET, CLINUX_SO_REUSEPORT) }
        guard place.withPointer({ bind(descriptor, $0, $1) }) == 0 else {
            defer { _ = close(descriptor) }
            throw bindError()
        }
        return descriptor
    }

    private func bindError() -> SocketError {
        switch errno {
        case EADDRINUSE: .addressInUse(self)
        case EADDRNOTAVAIL: .addressNotOfThisHost(self)
        case EACCES, EPERM: .addressForbidden(self)
        default: .last("bind")
        }
    }

    /// Asked of the kernel, which cuts it to net.core.somaxconn.
    private var backlog: Int32 { 4096 }
}

// MARK: Unix

extension ListenAddress {
    private func openUnix(path: String, mode: UInt32, copies: Int) throws(SocketError) -> OpenedAddress {
        let place = try SocketAddress(path: path)
        let first = try boundUnix(place, path: path)
        var opened = [first]
        do throws(SocketError) {
            // Nobody can connect before listen(), so nobody gets in while the mode is still the umask's.
            guard chmod(path, mode) == 0 else { throw .last("chmod") }
            guard listen(first, backlog) == 0 else { throw .last("listen") }
            for _ in 1..<max(copies, 1) {
                let copy = fcntl(first, F_DUPFD_CLOEXEC, 0)
                guard copy >= 0 else { throw .last("fcntl") }
                opened.append(copy)
            }
        } catch {
            for descriptor in opened { _ = close(descriptor) }
            _ = unlink(path)
            throw error
        }
        return OpenedAddress(address: self, descriptors: opened, isShared: true)
    }

    private func boundUnix(_ place: SocketAddress, path: String) throws(SocketError) -> Int32 {
        let descriptor = socket(AF_UNIX, CLINUX_STREAM_SOCKET, 0)
        guard descriptor >= 0 else { throw .last("socket") }
        if place.withPointer({ bind(descriptor, $0, $1) }) == 0 { return descriptor }
        do throws(SocketError) {
            guard errno == EADDRINUSE else { throw bindError() }
            try removeStale(place, path: path)
            guard place.withPointer({ bind(descriptor, $0, $1) }) == 0 else { throw bindError() }
        } catch {
            _ = close(descriptor)
            throw error
        }
        return descriptor
    }

    /// Removes a socket file that a dead process left behind: one on which nobody listens.
    private func removeStale(_ place: SocketAddress, path: String) throws(SocketError) {
        var facts = stat()
        guard lstat(path, &facts) == 0 else { throw .last("lstat") }
        guard facts.st_mode & S_IFMT == S_IFSOCK else { throw .pathNotASocket(path) }
        let probe = socket(AF_UNIX, CLINUX_STREAM_SOCKET, 0)
        guard probe >= 0 else { throw .last("socket") }
        defer { _ = close(probe) }
        let connected = place.withPointer { connect(probe, $0, $1) }
        guard connected != 0, errno == ECONNREFUSED else { throw .addressInUse(self) }
        guard unlink(path) == 0 else { throw .last("unlink") }
    }
}

extension Int32 {
    /// Sets a socket option that is a plain switch; none of those used here can fail on a fresh socket.
    fileprivate func setOption(_ level: Int32, _ name: Int32) {
        var on: Int32 = 1
        let result = setsockopt(self, level, name, &on, socklen_t(MemoryLayout<Int32>.size))
        precondition(result == 0, "a socket option that every Linux has was refused")
    }
}
