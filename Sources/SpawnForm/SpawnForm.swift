// SPDX-License-Identifier: Apache-2.0
import Mustache
package import SpawnPolicy

/// The inside of JupyterHub's spawn page, from a template without logic.
///
/// Field names are KubeSpawner's, so that `options_from_form` means the same for both forms. Display names and
/// descriptions may hold HTML, as KubeSpawner has it: operators write them. All that users typed is escaped.
package struct Page: Sendable {
    private let template: MustacheTemplate

    /// The template that is built in.
    package static let standard = Page(String(decoding: PackageResources.form_mustache, as: UTF8.self))

    private init(_ text: String) {
        do { template = try MustacheTemplate(string: text) } catch {
            preconditionFailure("the built-in template is faulty: \(error)")
        }
    }

    /// - Parameter free: what to say of a choice's GPU; choices of which none is free now can't be picked.
    package func html(_ offer: Offer, free: [OfferPlace: FreeWords]) -> String {
        template.render(PageView(offer, free))
    }
}

/// What the page says of one GPU choice.
package struct FreeWords: Sendable {
    package let text: String
    package let isClosed: Bool

    package init(text: String, isClosed: Bool) {
        self.text = text
        self.isClosed = isClosed
    }
}
