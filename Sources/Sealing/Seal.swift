// SPDX-License-Identifier: Apache-2.0

/// What a seal says: this pod, in this namespace, is the one that this reservation was made for, and holds this much.
package struct SealedFacts: Sendable, Hashable {
    package let reservationID: String
    package let deployment: String
    package let namespace: String
    /// The pod's name, which one living pod of a namespace can have.
    package let pod: String
    /// Nil for a pod without a GPU.
    package let gpu: GPU?

    package struct GPU: Sendable, Hashable {
        package let pool: String
        /// As the pod asks for it.
        package let resource: String
        package let count: Int
        /// The most that a share may use, which the pod's resources don't say; nil for what is no share.
        package let limitMiB: Int?

        package init(pool: String, resource: String, count: Int, limitMiB: Int? = nil) {
            self.pool = pool
            self.resource = resource
            self.count = count
            self.limitMiB = limitMiB
        }
    }

    package init(reservationID: String, deployment: String, namespace: String, pod: String, gpu: GPU? = nil) {
        self.reservationID = reservationID
        self.deployment = deployment
        self.namespace = namespace
        self.pod = pod
        self.gpu = gpu
    }
}

/// What a seal can be made of.
package protocol Sealable {
    /// The facts in the one way in which they are sealed: each text behind its length in eight bytes, so that no two
    /// sets of facts give the same bytes. The first text names the kind of seal and the encoding.
    var encoded: [UInt8] { get }
}

extension SealedFacts: Sealable {
    package var encoded: [UInt8] {
        var texts = [SealedFacts.form, reservationID, deployment, namespace, pod]
        if let gpu {
            texts += [gpu.pool, gpu.resource, String(gpu.count), gpu.limitMiB.map { String($0) } ?? ""]
        }
        return .lengthsAnd(texts)
    }

    /// Changes with the encoding, so that a seal of one is never one of another.
    private static let form = "berth.io/seal 1"
}

extension [UInt8] {
    static func lengthsAnd(_ texts: [String]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(256)
        for text in texts { bytes.append(lengthAnd: text) }
        return bytes
    }

    fileprivate mutating func append(lengthAnd text: String) {
        Swift.withUnsafeBytes(of: UInt64(text.utf8.count).bigEndian) { append(contentsOf: $0) }
        append(contentsOf: text.utf8)
    }
}
