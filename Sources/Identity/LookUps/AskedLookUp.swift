// SPDX-License-Identifier: Apache-2.0
import HTTPClient
import JSONTree

/// One question to one service, as it is sent and remembered.
struct AskedLookUp {
    let terms: LookUpTerms
    private let question: LookUpQuestion
    private let url: String
    private let token: ClientSecret?

    /// What makes two questions one.
    struct Key: Hashable {
        let terms: LookUpTerms
        /// As bytes: Swift's own `==` takes spellings of one letter for one.
        let user: [UInt8]
        let deployment: String
        /// With the claims that it names in place.
        let url: String
        /// What one token of the user's opened is told to no other.
        let usersToken: TokenDigest?
    }

    init(_ terms: LookUpTerms, _ question: LookUpQuestion) throws(LookUpError) {
        self.terms = terms
        self.question = question
        do throws(LookUpAddress.Unfit) { url = try terms.address.url(for: question) } catch {
            switch error {
            case .user: throw .nameUnfit(lookUp: terms.name)
            case .claim(let path): throw .claimUnfit(lookUp: terms.name, path)
            }
        }
        guard terms.usersToken != nil else {
            token = terms.token
            return
        }
        guard let usersToken = question.usersToken, usersToken.fitsHeader else {
            throw .tokenMissing(lookUp: terms.name)
        }
        token = usersToken
    }

    var key: Key {
        Key(
            terms: terms, user: Array(question.user.utf8), deployment: question.deployment, url: url,
            usersToken: terms.usersToken == nil ? nil : token.map { TokenDigest($0.text) })
    }

    var request: HTTPClientRequest {
        var headers = [(name: "Accept", value: "application/json")]
        if let token { headers.append((name: "Authorization", value: "Bearer \(token.text)")) }
        var body: [UInt8] = []
        if terms.method == .post {
            headers.append((name: "Content-Type", value: "application/json"))
            body = JSON(["user": JSON(question.user), "deployment": JSON(question.deployment)]).bytes
        }
        var request = HTTPClientRequest(terms.method == .get ? .get : .post, url, headers: headers, body: body)
        // Looking somebody up changes nothing, so that a lost answer may be asked for again.
        request.isRepeatable = true
        request.timeout = terms.timeout
        request.bodyBytesMax = LookUps.bytesMost
        return request
    }
}

extension ClientSecret {
    /// Visible ASCII: nothing in it could begin another header.
    fileprivate var fitsHeader: Bool { !text.isEmpty && text.utf8.allSatisfy { (0x21...0x7E).contains($0) } }
}
