// SPDX-License-Identifier: Apache-2.0
internal import HTTPClient
package import JSONTree

/// One page of a list.
package struct ObjectPage: Sendable {
    /// Without `apiVersion` and `kind`, as the server lists them. Each keeps its whole page in memory.
    package let items: [JSON]
    /// Of the whole list: what a watch goes on from.
    package let resourceVersion: String
    /// Nothing stands before it. It may come again, when the server has dropped the rest of the list: what was taken
    /// from earlier pages counts no more then.
    package let isFirst: Bool
    package let isLast: Bool
}

extension Cluster {
    /// The object; nil when there is none of that name.
    package func get(_ object: ObjectName, timeout: Duration? = nil) async throws(KubernetesError) -> JSON? {
        let question = Question(ResourceCall(.get, object), .get, most: limits.objectBytes)
        let response = try await response(to: question, timeout: timeout)
        if response.status == 404, ServerStatus(response).namesObject { return nil }
        return try answer(response, to: question)
    }

    /// All objects of a kind, page by page; whole, or an error after some of the pages.
    ///
    /// - Parameters:
    ///   - namespace: nil for all of them.
    ///   - labels: a label selector, `berth.io/object=overlay`.
    ///   - fields: a field selector, `metadata.name=x`.
    ///   - metadataOnly: leaves out all but `metadata`.
    ///   - timeout: for each page.
    ///   - page: is handed one page after another; see `ObjectPage.isFirst`.
    package func list(
        _ kind: ObjectKind, in namespace: String?, labels: String? = nil, fields: String? = nil,
        metadataOnly: Bool = false, timeout: Duration? = nil,
        page take: (ObjectPage) async throws(KubernetesError) -> Void
    ) async throws(KubernetesError) {
        let call = ResourceCall(.list, kind, in: namespace)
        var restarts = 0
        var next: String?
        while true {
            var question = Question(call, .get, most: limits.pageBytes)
            question.query.add("limit", "\(limits.pageObjects)")
            question.query.add("labelSelector", labels)
            question.query.add("fieldSelector", fields)
            question.query.add("continue", next)
            if metadataOnly { question.accept = Cluster.metadataOnly(list: true) }
            do throws(KubernetesError) {
                let answer = try await answer(to: question, timeout: timeout)
                let (page, rest) = try ObjectPage.read(answer, of: call, isFirst: next == nil)
                try await take(page)
                guard let rest else { return }
                next = rest
            } catch .expired where next != nil && restarts < Cluster.restartsMost {
                restarts += 1
                next = nil
            }
        }
    }

    /// The same in one piece, for what is known to be few.
    package func listAll(
        _ kind: ObjectKind, in namespace: String?, labels: String? = nil, fields: String? = nil,
        metadataOnly: Bool = false, timeout: Duration? = nil
    ) async throws(KubernetesError) -> (items: [JSON], resourceVersion: String) {
        var items: [JSON] = []
        var version = ""
        try await list(
            kind, in: namespace, labels: labels, fields: fields, metadataOnly: metadataOnly, timeout: timeout
        ) { page in
            items = page.isFirst ? page.items : items + page.items
            version = page.resourceVersion
        }
        return (items, version)
    }

    /// A list that is dropped by the server that often is too long for it.
    private static let restartsMost = 3

    static func metadataOnly(list: Bool) -> String {
        "application/json;as=PartialObjectMetadata\(list ? "List" : "");g=meta.k8s.io;v=v1"
    }
}

extension ObjectPage {
    /// The page, and the token by which the next one is asked for.
    fileprivate static func read(
        _ json: JSON, of call: ResourceCall, isFirst: Bool
    ) throws(KubernetesError) -> (ObjectPage, rest: String?) {
        guard let version = json["metadata"]?["resourceVersion"]?.string, let items = json["items"] else {
            throw .unreadable(call, "no list of objects")
        }
        guard let elements = items.isNull ? [] : items.array else { throw .unreadable(call, "no list of objects") }
        let rest = json["metadata"]?["continue"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        return (
            ObjectPage(items: elements, resourceVersion: version, isFirst: isFirst, isLast: rest == nil), rest
        )
    }
}
