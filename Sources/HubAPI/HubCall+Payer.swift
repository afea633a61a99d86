// SPDX-License-Identifier: Apache-2.0
import Configuration
import GPULedger
import JSONTree
import SpawnModel

extension HubCall {
    /// The group that the hub wants to pay for this session; nil leaves it to the configured order.
    ///
    /// - Throws: a refusal where the user is not in it, or it pays for nobody.
    func payer(among groups: [String]) throws(Problem) -> String? {
        guard let payer = try Self.text("payer", body["payer"]) else { return nil }
        guard groups.contains(payer), site.quotas.group(payer) != nil else {
            throw Problem(Refusal.payerNotAllowed(payer))
        }
        return payer
    }
}

extension Grant {
    /// With the walltime that its reservation has, and a word on why that is shorter than asked.
    func lasting(as reservation: Reservation) -> Grant {
        guard let borrowed = reservation.charge?.borrowed else { return self }
        var grant = self
        grant.walltime = borrowed.walltime
        let payer = reservation.charge?.payer ?? ""
        grant.warnings.append(
            "Borrowed: your group \(payer) has nothing left of its own, and other groups lend it for "
                + "\(Words.span(borrowed.walltime)).")
        return grant
    }
}

extension Charge {
    var json: JSON {
        [
            "payer": payer.map { JSON($0) } ?? .null, "milli_cards": JSON(milliCards),
            "memory_mib": JSON(memory.count), "is_borrowed": JSON(borrowed != nil),
        ]
    }
}
