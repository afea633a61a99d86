// SPDX-License-Identifier: Apache-2.0
package import SpawnModel

extension GPUAmount {
    /// `cards=2`, `mig-instances=1`, `request=10240Mi,limit=20480Mi`.
    package var annotation: String {
        switch self {
        case .cards(let count): "cards=" + String(count)
        case .migInstances(let count): "mig-instances=" + String(count)
        case .share(let request, let limit): "request=" + request.description + ",limit=" + limit.description
        }
    }

    /// Nil for what `annotation` never gives.
    package init?(annotation: String) {
        let parts = annotation.split(separator: ",", omittingEmptySubsequences: false).map { part in
            part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        }
        guard parts.allSatisfy({ $0.count == 2 }) else { return nil }
        switch parts.map({ String($0[0]) }) {
        case ["cards"]:
            guard let count = Self.count(parts[0][1]) else { return nil }
            self = .cards(count)
        case ["mig-instances"]:
            guard let count = Self.count(parts[0][1]) else { return nil }
            self = .migInstances(count)
        case ["request", "limit"]:
            guard let request = Self.memory(parts[0][1]), let limit = Self.memory(parts[1][1]) else { return nil }
            self = .share(request: request, limit: limit)
        case _: return nil
        }
    }

    /// Nothing that adds up beyond a number.
    private static func count(_ text: Substring) -> Int? {
        Int(text).flatMap { (1...1 << 32).contains($0) ? $0 : nil }
    }

    private static func memory(_ text: Substring) -> MiB? {
        text.hasSuffix("Mi") ? count(text.dropLast(2)).map(MiB.init) : nil
    }
}
