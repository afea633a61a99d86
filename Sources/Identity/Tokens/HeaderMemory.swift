// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// The header that was read last, by its text: an issuer writes the same one into every token of a key, and reading it
/// anew would take a tenth of the time that is Berth's own in a verification.
final class HeaderMemory: Sendable {
    private let last = Mutex<(text: [UInt8], header: TokenHeader)?>(nil)

    func header(of token: CompactToken) throws(TokenError) -> TokenHeader {
        let known = last.withLock { last in
            last.flatMap { last in
                last.text.withUnsafeBytes { token.headerIs($0) } ? last.header : nil
            }
        }
        if let known { return known }
        let header = try TokenHeader(token)
        last.withLock { $0 = (token.headerText, header) }
        return header
    }
}
