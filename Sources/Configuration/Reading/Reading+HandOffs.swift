// SPDX-License-Identifier: Apache-2.0
import SpawnModel

extension Reading {
    /// One mapping, or a list of them.
    mutating func tokens(_ item: Item?) -> [TokenHandOff] {
        let items = item.map { $0.isMapping ? [$0] : $0.elements } ?? []
        refuseRepeats(items.compactMap { one in one["file"].flatMap { file in file.text.map { ($0, file) } } }, "file")
        refuseRepeats(
            items.compactMap { one in one["audience"].flatMap { whom in whom.text.map { ($0, whom) } } }, "audience")
        return items.compactMap { token($0) }
    }

    private mutating func token(_ item: Item) -> TokenHandOff? {
        guard item.isMapping, let audience = item.text("audience"), let file = item["file"], let path = file.text else {
            return nil
        }
        if !path.hasPrefix("/") || path.hasSuffix("/") {
            fault(
                file, "\(quoted(path)) is not an absolute path of a file in the pod",
                "Write one such as `/run/berth/token`.")
        }
        return TokenHandOff(
            audience: audience, file: path, scope: item.text("scope"),
            onLoginEnd: item.text("on_login_end").flatMap(TokenHandOff.LoginEnd.init) ?? .keep)
    }
}
