// SPDX-License-Identifier: Apache-2.0

extension Exchange {
    /// All that goes along to another origin than the one before. Which of the others are secrets, nobody can tell.
    private static let harmlessFields: Set = ["accept", "accept-language"]

    /// The request that `response` sends us on to; nil when it is an answer to be returned.
    ///
    /// Only GET and HEAD are sent on: whether the effect of another method is wanted elsewhere is not ours to say.
    ///
    /// - Throws: `redirectRefused` when it leads where we do not go.
    func redirected(by response: HTTPClientResponse) throws(HTTPClientError) -> Exchange? {
        guard method == .get || method == .head, [301, 302, 303, 307, 308].contains(response.status),
            let location = response["Location"]
        else { return nil }
        let next = try resolve(location)
        if origin.scheme == .https, next.origin.scheme == .http {
            throw .redirectRefused(origin, reason: "it leads from https to http")
        }
        return moved(to: next)
    }

    private func resolve(_ location: String) throws(HTTPClientError) -> WebAddress {
        do throws(WebAddress.Fault) { return try address.resolving(location) } catch {
            throw .redirectRefused(origin, reason: error.words)
        }
    }

    private func moved(to next: WebAddress) -> Exchange {
        let isSame = next.origin == origin
        return Exchange(
            method: method,
            address: next,
            headers: isSame ? headers : headers.filter { Exchange.harmlessFields.contains($0.name.lowercased()) },
            body: isSame ? body : [],
            isRepeatable: isRepeatable,
            deadline: deadline,
            bodyBytesMax: bodyBytesMax,
            mayShowCertificate: isSame && mayShowCertificate
        )
    }
}
