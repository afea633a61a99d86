// SPDX-License-Identifier: Apache-2.0

extension Quantity {
    /// Sizes as KubeSpawner and JupyterHub spell them: `8G` is 8 x 1024^3 there.
    package init?(kubeSpawner spelling: String) {
        let isSize = spelling.unicodeScalars.last.map { "KMGT".unicodeScalars.contains($0) } ?? false
        self.init(isSize ? spelling + "i" : spelling)
    }

    /// Nil when it does not fit.
    package func multiplied(by factor: Quantity) -> Quantity? {
        let (product, overflow) = nano.multipliedReportingOverflow(by: factor.nano)
        return overflow ? nil : Quantity(nano: product / Self.one)
    }

    /// Nil when it does not fit.
    package func adding(_ other: Quantity) -> Quantity? {
        let (sum, overflow) = nano.addingReportingOverflow(other.nano)
        return overflow ? nil : Quantity(nano: sum)
    }

    /// As a JSON number, without a suffix and with no more decimals than it needs: `0.5`, `4294967296`.
    package var decimalText: String {
        let (whole, rest) = nano.magnitude.quotientAndRemainder(dividingBy: UInt128(Self.one))
        let sign = nano < 0 ? "-" : ""
        guard rest > 0 else { return "\(sign)\(whole)" }
        let digits = String(rest)
        let decimals = String(repeating: "0", count: 9 - digits.count) + digits
        return "\(sign)\(whole)." + decimals.trimmingZeros
    }

    /// Whether it is `start` and a whole number of `step`s, which is above zero.
    package func isWholeSteps(of step: Quantity, from start: Quantity) -> Bool {
        step.nano > 0 && (nano - start.nano) % step.nano == 0
    }

    private static var one: Int128 { 1_000_000_000 }
}

extension String {
    /// Without the zeros at its end.
    fileprivate var trimmingZeros: Substring {
        var rest = self[...]
        while rest.last == "0" { rest.removeLast() }
        return rest
    }
}
