// SPDX-License-Identifier: Apache-2.0
import Configuration

/// What an operator asks for, by path.
enum AdminRoute: Hashable {
    case nodes
    case drain(node: String)
    case undrain(node: String)
    case devices
    case reservations
    case reservation(String)
    case release(String)
    case extend(String)
    case quotas
    case waiting
    case usage
    case decisions
    case explain
    case reload
    case profiles
    case images
    case audit

    static let prefix = "/v1/admin/"

    init?(path: String) {
        guard path.hasPrefix(Self.prefix) else { return nil }
        let parts = path.dropFirst(Self.prefix.count).split(separator: "/", omittingEmptySubsequences: false)
            .map(String.init)
        guard parts.allSatisfy({ !$0.isEmpty && $0.utf8.count <= 253 }) else { return nil }
        switch (parts.first, parts.count, parts.last) {
        case ("nodes", 1, _): self = .nodes
        case ("nodes", 3, "drain"): self = .drain(node: parts[1])
        case ("nodes", 3, "undrain"): self = .undrain(node: parts[1])
        case ("devices", 1, _): self = .devices
        case ("reservations", 1, _): self = .reservations
        case ("reservations", 2, _): self = .reservation(parts[1])
        case ("reservations", 3, "release"): self = .release(parts[1])
        case ("reservations", 3, "extend"): self = .extend(parts[1])
        case ("quotas", 1, _): self = .quotas
        case ("waiting", 1, _): self = .waiting
        case ("usage", 1, _): self = .usage
        case ("decisions", 1, _): self = .decisions
        case ("explain", 1, _): self = .explain
        case ("reload", 1, _): self = .reload
        case ("profiles", 1, _): self = .profiles
        case ("images", 1, _): self = .images
        case ("audit", 1, _): self = .audit
        default: return nil
        }
    }

    var method: String { isQuestion ? "GET" : "POST" }

    /// The least that a caller must be.
    var needs: AdminRole {
        switch self {
        case .nodes, .devices, .reservations, .reservation, .quotas, .waiting, .usage, .decisions, .explain, .profiles,
            .images, .audit:
            .viewer
        case .drain, .undrain, .release, .extend: .operator
        case .reload: .admin
        }
    }

    /// For logs and counts: without names in it.
    var pattern: String {
        let rest =
            switch self {
            case .nodes: "nodes"
            case .drain: "nodes/{node}/drain"
            case .undrain: "nodes/{node}/undrain"
            case .devices: "devices"
            case .reservations: "reservations"
            case .reservation: "reservations/{id}"
            case .release: "reservations/{id}/release"
            case .extend: "reservations/{id}/extend"
            case .quotas: "quotas"
            case .waiting: "waiting"
            case .usage: "usage"
            case .decisions: "decisions"
            case .explain: "explain"
            case .reload: "reload"
            case .profiles: "profiles"
            case .images: "images"
            case .audit: "audit"
            }
        return Self.prefix + rest
    }

    private var isQuestion: Bool {
        switch self {
        case .nodes, .devices, .reservations, .reservation, .quotas, .waiting, .usage, .decisions, .profiles, .images,
            .audit:
            true
        // A question too, but with a body.
        case .explain, .drain, .undrain, .release, .extend, .reload: false
        }
    }
}
