// SPDX-License-Identifier: Apache-2.0
internal import HTTPClient
package import JSONTree

extension Cluster {
    /// Makes the object, and returns it as the server keeps it.
    ///
    /// It is sent once: where no answer comes, it may have been made, and a second call is `alreadyExists`.
    ///
    /// - Parameters:
    ///   - namespace: where it goes if the manifest does not say.
    ///   - isRepeatable: it may be sent again by itself, since whoever calls looks at what is there when it is
    ///     `alreadyExists`. Only such calls share connections: each of the others opens one.
    package func create(
        _ object: JSON, in namespace: String? = nil, isRepeatable: Bool = false, timeout: Duration? = nil
    ) async throws(KubernetesError) -> JSON {
        let name = try name(of: object, in: namespace, for: .create)
        var question = Question(ResourceCall(.create, name), .post, most: limits.objectBytes)
        question.query.add("fieldManager", Cluster.fieldManager)
        question.contentType = "application/json"
        question.isRepeatable = isRepeatable
        question.body = object.bytes
        return try await answer(to: question, timeout: timeout)
    }

    /// Makes the object, or sees to it that these fields of it hold what the manifest says (server-side apply). Fields
    /// that were applied before and are no longer in the manifest go; those of others stay.
    ///
    /// - Parameter force: takes fields over from others; otherwise theirs are a `fieldConflict`.
    package func apply(
        _ object: JSON, in namespace: String? = nil, force: Bool, timeout: Duration? = nil
    ) async throws(KubernetesError) -> JSON {
        let name = try name(of: object, in: namespace, for: .patch)
        var question = Question(ResourceCall(.patch, name), .patch, most: limits.objectBytes)
        question.query.add("fieldManager", Cluster.fieldManager)
        question.query.add("force", "\(force)")
        question.contentType = "application/apply-patch+yaml"
        question.body = object.bytes
        return try await answer(to: question, timeout: timeout)
    }

    /// How a patch is written.
    package enum PatchForm: String, Sendable {
        /// RFC 6902
        case json = "application/json-patch+json"
        /// RFC 7396
        case merge = "application/merge-patch+json"
    }

    /// Changes an object that exists, and returns it. A version or uid to hold on to is part of the body: a `test` in
    /// JSON Patch, `metadata.resourceVersion` in a merge patch, where another one is a `conflict`.
    package func patch(
        _ object: ObjectName, _ form: PatchForm, _ body: JSON, timeout: Duration? = nil
    ) async throws(KubernetesError) -> JSON {
        var question = Question(ResourceCall(.patch, object), .patch, most: limits.objectBytes)
        question.query.add("fieldManager", Cluster.fieldManager)
        question.contentType = form.rawValue
        question.body = body.bytes
        return try await answer(to: question, timeout: timeout)
    }

    /// Deletes the object, and what it owns after it. A pod's containers have their grace period.
    ///
    /// - Parameters:
    ///   - uid: only if it still is this one; `conflict` otherwise.
    ///   - resourceVersion: only if it still is as it was then; `conflict` otherwise.
    /// - Returns: false when there was none of that name, also where an answer was lost and it was asked again.
    package func delete(
        _ object: ObjectName, uid: String? = nil, resourceVersion: String? = nil, timeout: Duration? = nil
    ) async throws(KubernetesError) -> Bool {
        var question = Question(ResourceCall(.delete, object), .delete, most: limits.objectBytes)
        question.contentType = "application/json"
        question.body = Cluster.deleteOptions(uid, resourceVersion).bytes
        let response = try await response(to: question, timeout: timeout)
        if response.status == 404, ServerStatus(response).namesObject { return false }
        _ = try answer(response, to: question)
        return true
    }

    private static func deleteOptions(_ uid: String?, _ resourceVersion: String?) -> JSON {
        var preconditions = JSONObject()
        if let uid { preconditions["uid"] = JSON(uid) }
        if let resourceVersion { preconditions["resourceVersion"] = JSON(resourceVersion) }
        var options: JSON = ["apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Background"]
        if !preconditions.isEmpty { options["preconditions"] = JSON(preconditions) }
        return options
    }

    private func name(
        of object: JSON, in namespace: String?, for verb: ResourceCall.Verb
    ) throws(KubernetesError) -> ObjectName {
        if let name = ObjectName(of: object, in: namespace) { return name }
        let kind = "\(object["apiVersion"]?.string ?? "") \(object["kind"]?.string ?? "")".shortened
        let unknown = ObjectKind(plural: "objects", kind: "")
        throw .unfit(
            ResourceCall(verb, ObjectKind(of: object) ?? unknown, in: namespace),
            reason: ObjectKind(of: object) == nil
                ? "\"\(kind)\" is none of the kinds that Berth knows" : "the manifest has no `metadata.name`")
    }
}
