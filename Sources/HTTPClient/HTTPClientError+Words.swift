// SPDX-License-Identifier: Apache-2.0

extension HTTPClientError: CustomStringConvertible {
    /// Which peer, what happened, what an operator can do.
    package var description: String {
        switch self {
        case .invalidRequest(let reason):
            "The request cannot be sent: \(reason)."
        case .hostUnknown(let peer):
            "\(peer): the host's name is not known here. Check its spelling and this host's name server."
        case .unreachable(let peer, let reason):
            "\(peer) cannot be connected to: \(reason). Check that it runs and that no firewall is between."
        case .timedOut(let peer, during: .waiting):
            "\(peer) was not asked: no connection to it was free in time. It is slow, or the connections are too few."
        case .timedOut(let peer, during: .connecting):
            "\(peer) did not take a connection in time. Check that it runs and that no firewall is between."
        case .timedOut(let peer, during: .answering):
            "\(peer) did not give its whole answer in time. Check how busy it is, or allow more time."
        case .timedOut(let peer, during: .streaming):
            "\(peer) has sent nothing for too long in the middle of its answer. Check how busy it is."
        case .untrusted(let peer, let reason):
            "\(peer) is not trusted: \(reason). Check the peer's certificate, or name the CA file that vouches for it."
        case .tlsFailed(let peer, let reason):
            "\(peer): no TLS connection: \(reason). Check that the peer speaks TLS 1.2 or newer on that port."
        case .trustUnusable(let peer, let reason):
            "\(peer) was not asked: \(reason). Check the CA file, client certificate and key that are configured for it."
        case .cutOff(let peer, let reason):
            "\(peer) ended the connection before its answer was whole: \(reason). Look into the peer's log."
        case .malformed(let peer, let reason):
            "\(peer) did not answer in HTTP: \(reason). Check the port and what listens there."
        case .headersTooLarge(let peer, let limit):
            "\(peer) answered with more than \(limit) bytes of headers. Check what listens there."
        case .bodyTooLarge(let peer, let limit):
            "\(peer) answered with more than \(limit) bytes. Check what listens there, or allow a larger answer."
        case .redirectRefused(let peer, let reason):
            "\(peer) redirects, which was not followed: \(reason). Configure the address that it redirects to."
        case .tooManyRedirects(let peer, let limit):
            "\(peer) still redirects after \(limit) redirects. Check for a loop, or configure the last address."
        case .circuitOpen(let peer, let span):
            "\(peer) has failed several times in a row and is left alone for \(span.wholeSecondsUp) s."
        case .overloaded(let peer, let waiting):
            "\(peer) was not asked: \(waiting) requests are already waiting. Try again in a moment."
        case .cancelled(let peer):
            "The request to \(peer) was cancelled by the one who made it."
        case .closed(let peer):
            "\(peer) was not asked, or its answer was not awaited, because Berth is stopping."
        case .other(let peer, let code, let reason):
            "\(peer) could not be asked: \(reason) (libcurl \(code))."
        }
    }
}

extension Duration {
    /// At least 1.
    fileprivate var wholeSecondsUp: Int64 {
        max(1, components.seconds + (components.attoseconds > 0 ? 1 : 0))
    }
}
