// SPDX-License-Identifier: Apache-2.0
import SpawnModel

extension Reading {
    /// One mapping, or a list of them.
    mutating func tokens(_ item: Item?) -> [TokenHandOff] {
        let items = item.map { $0.isMapping ? [$0] : $0.elements } ?? []
        refuseRepeats(items.compactMap { one in one["file"].flatMap { file in file.text.map { ($0, file) } } }, "file")
        refuseRepeats(
            items.compactMap { one in one["audience"].flatMap { whom in whom.text.map { ($0, whom) } } }, "audience")
        let tokens = items.compactMap { item in token(item).map { (item, $0) } }
        refuseNested(tokens)
        return tokens.map(\.1)
    }

    /// Each directory becomes a volume, and one in another would not be seen in all containers alike.
    private mutating func refuseNested(_ tokens: [(item: Item, token: TokenHandOff)]) {
        for (item, token) in tokens {
            guard let inner = token.directory, let file = item["file"],
                let outer = tokens.compactMap(\.token.directory).first(where: { inner.hasPrefix($0 + "/") })
            else { continue }
            fault(
                file, "\(quoted(inner)) is in the directory of another token, \(quoted(outer))",
                "Put both files into one directory, or into directories of which none is in the other.")
        }
    }

    private mutating func token(_ item: Item) -> TokenHandOff? {
        guard item.isMapping, let audience = item.text("audience"), let file = item["file"], let path = file.text else {
            return nil
        }
        let token = TokenHandOff(
            audience: audience, file: path, scope: item.text("scope"),
            onLoginEnd: item.text("on_login_end").flatMap(TokenHandOff.LoginEnd.init) ?? .keep)
        if token.directory == nil {
            fault(
                file, "\(quoted(path)) is no absolute path of a file in a directory below another",
                "Write one such as `/run/berth/token`: what else is in its directory is hidden in the pod.")
        }
        return token
    }
}
