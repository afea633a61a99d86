// SPDX-License-Identifier: Apache-2.0

/// What one user may have under one configuration, as facts that can be held against another's.
struct Standing {
    private(set) var facts: [Fact: String] = [:]
    /// In the order in which they were told.
    private(set) var order: [Fact] = []

    /// - Parameter value: what it is, such as an image's reference; what merely is there has the value `yes`.
    mutating func tell(_ fact: Fact, _ value: String = "yes") {
        if facts.updateValue(value, forKey: fact) == nil { order.append(fact) }
    }
}

/// One thing that a user has or has not.
struct Fact: Hashable {
    let kind: Kind
    /// The profile that it is part of, by its slug.
    var profile: String?
    /// Which one of its kind; empty where kind and profile say it.
    var name = ""
    /// The choice that it is, or that it comes with, such as `size=large`.
    var choice: String?

    /// Stable names: they stand in the JSON.
    enum Kind: String {
        /// Whether the claims are taken at all.
        case claims
        case profile, option, choice, image, typed, gpu
        /// What is taken unasked.
        case standard = "default"
        /// Whether a start with the defaults is accepted.
        case start
        case walltime, idle, token
        /// What is made beside the pod.
        case object
        /// A trait of KubeSpawner.
        case trait
        /// A field of the pod.
        case pod

        var isChoice: Bool { self == .choice || self == .image || self == .gpu }
    }

    /// For people: "image hdf5 of cpu".
    var words: String {
        let thing =
            kind == .standard && profile == nil ? "default profile" : [kind.rawValue, name].joined(separator: " ")
        guard let profile else { return thing.trimmed }
        return kind == .profile ? "profile \(profile)" : "\(thing.trimmed) of \(profile)"
    }
}

extension String {
    fileprivate var trimmed: String { hasSuffix(" ") ? String(dropLast()) : self }
}
