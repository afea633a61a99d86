// SPDX-License-Identifier: Apache-2.0
package import JSONTree
package import SpawnModel

/// What a submitted form comes to.
package enum FormResult: Sendable {
    /// `user_options` that `decide` accepts; only what the form said, no defaults filled in.
    case options(JSON)
    /// At least one; every field's at once.
    case errors([FieldError])
}

package struct FieldError: Sendable, Hashable {
    /// The form field's name; empty where it is about the form as a whole.
    package let field: String
    package let code: Refusal.Reason
    /// For the user.
    package let message: String
}
