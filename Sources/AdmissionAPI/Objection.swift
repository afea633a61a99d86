// SPDX-License-Identifier: Apache-2.0
import GPULedger
import HubAPI
import PodPatching
import SpawnModel

/// Why a pod may not be.
enum Objection: Error, Sendable {
    /// It asks for what only a reservation gives, and has none.
    case unreserved(Set<GPUAsk>)
    /// The same, in a namespace where no hub's pods run.
    case outOfPlace(Set<GPUAsk>)
    /// The API server would make its name up.
    case nameless
    case sealMissing
    case sealWrong
    case amountDiffers(Set<GPUAsk>, held: String)
    case reservationUnknown
    case reservationOver(Reservation.State)
    /// Something has changed the pod after Berth; where, by JSON pointers.
    case changedSince([String])
    /// The ledger or the pod's patching fails.
    case problem(Problem)
    case tooSlow
}

extension Objection {
    /// For metrics; few values, never renamed.
    var code: String {
        switch self {
        case .unreserved: "gpu-unreserved"
        case .outOfPlace: "gpu-out-of-place"
        case .nameless: "pod-nameless"
        case .sealMissing: "seal-missing"
        case .sealWrong: "seal-wrong"
        case .amountDiffers: "gpu-amount-differs"
        case .reservationUnknown: "reservation-unknown"
        case .reservationOver: "reservation-ended"
        case .changedSince: "pod-changed-since"
        case .problem(let problem): problem.code
        case .tooSlow: "timed-out"
        }
    }

    /// Whether `unsealed: audit` lets the pod in all the same. What is only uncertain stays out.
    var isAuditable: Bool {
        switch self {
        case .unreserved, .outOfPlace, .nameless, .sealMissing, .sealWrong, .amountDiffers, .reservationUnknown,
            .reservationOver, .changedSince:
            true
        case .problem, .tooSlow: false
        }
    }

    /// 503 where it may be otherwise in a minute.
    var status: Int {
        switch self {
        case .problem(let problem): problem.status
        case .tooSlow: 503
        case .unreserved, .outOfPlace, .nameless, .sealMissing, .sealWrong, .amountDiffers, .reservationUnknown,
            .reservationOver, .changedSince:
            403
        }
    }

    /// For whoever made the pod: what is wrong, and what to do.
    var sentence: String {
        switch self {
        case .unreserved(let asks):
            "The pod asks for \(asks.words), which is given by reservation only, and has none. "
                + "Start a server with a GPU at the hub, which makes the pod."
        case .outOfPlace(let asks):
            "The pod asks for \(asks.words), which is given by reservation only, and no hub's servers run in this "
                + "namespace. Start a server with a GPU at the hub."
        case .nameless:
            "The pod leaves its name to Kubernetes (generateName), and a reservation is one named pod's. Give it a name "
                + "before the hub asks Berth for the pod."
        case .sealMissing:
            "The pod names a reservation and does not bear its seal. Only the pod that the hub starts may use it: start "
                + "a server at the hub."
        case .sealWrong:
            "The pod's seal was made for another pod, namespace or reservation. Only the pod that the hub starts may use "
                + "it: start a server at the hub."
        case .amountDiffers(let asks, let held):
            "The pod asks for \(asks.words), and its reservation holds \(held). Ask for that, or start a server with "
                + "more at the hub."
        case .reservationUnknown: "The pod's reservation is not known. Start the server again at the hub."
        case .reservationOver(let state):
            "The pod's reservation is over (\(state.rawValue)). Start the server again at the hub."
        case .changedSince(let places):
            "Something has changed the pod after Berth, at \(places.prefix(5).joined(separator: ", ")). Have that webhook "
                + "called before Berth's, or leave these parts alone."
        case .problem(let problem): "\(problem.userMessage) (\(problem.detail))"
        case .tooSlow: "Berth could not look the pod's reservation up in time. Try again in a minute."
        }
    }
}

extension Set<GPUAsk> {
    /// `2 nvidia.com/gpu (container notebook)`, each once.
    fileprivate var words: String {
        map { ask in
            let amount = ask.quantity.map { String($0.roundedUp) } ?? "an unreadable amount of"
            return "\(amount) \(ask.resource)" + (ask.container.map { " (container \($0))" } ?? "")
        }.sorted().joined(separator: ", ")
    }

    /// `2 nvidia.com/gpu`, in whichever container.
    var amounts: String {
        map { "\($0.quantity.map { String($0.roundedUp) } ?? "an amount of") \($0.resource)" }.sorted()
            .joined(separator: ", ")
    }
}

extension Objection {
    init(_ error: LedgerError) {
        switch error {
        case .unknownReservation: self = .reservationUnknown
        case .ended(let reservation): self = .reservationOver(reservation.state)
        case .notWritable, .corrupt, .overloaded, .closed, .inventoryFault, .unknownPool, .amountMismatch,
            .startConflict, .startEnded, .notYours, .clusterUnseen, .rebuilding, .fenced:
            self = .problem(Problem(error))
        }
    }
}
