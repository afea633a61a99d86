// SPDX-License-Identifier: Apache-2.0
import JSONTree
package import SpawnModel

/// `number: {min, max, step}` of a typed value: numbers with at most three decimals.
package struct NumberRange: Sendable, Hashable {
    package let min: Quantity
    package let max: Quantity
    package let step: Quantity

    package init(min: Quantity, max: Quantity, step: Quantity) {
        self.min = min
        self.max = max
        self.step = step
    }

    /// The number that `text` is; nil where it is none of the range.
    func number(_ text: String) -> JSON? {
        guard let json = JSON(numberSpelling: text), text.utf8.allSatisfy({ "0123456789.-".utf8.contains($0) }),
            let number = Quantity(text), number >= min, number <= max
        else { return nil }
        // `json : nil` would be a JSON null, which is a value.
        guard number.isWholeSteps(of: step, from: min) else { return nil }
        return json
    }

    package var words: String {
        "a number from \(min.decimalText) to \(max.decimalText) in steps of \(step.decimalText)"
    }
}
