// SPDX-License-Identifier: Apache-2.0
package import JSONTree
package import SpawnModel

extension Policy {
    /// Reads JupyterHub's form dictionary (field to list of texts), by KubeSpawner's field names, and checks it as a
    /// start would.
    ///
    /// A page carries the inputs of all its profiles: those of profiles that were not chosen are left out. Fields
    /// that do not begin with `profile` are the hub's own or another page part's, such as `_xsrf`, and are ignored.
    package func read(form: JSON, for subject: Subject) -> FormResult {
        let reach = Reach(of: subject, in: self)
        let result = read(form, reach)
        return reach.overspent.map { .errors([FieldError($0, field: "")]) } ?? result
    }

    private func read(_ form: JSON, _ reach: Reach) -> FormResult {
        do throws(Objection) {
            guard let fields = form.object else { throw .notAnObject(form.kind) }
            let slug = try FormReading.profile(in: fields)
            let profile = try profile(named: slug, reach: reach)
            return check(FormReading(fields, of: profile, reach: reach), isNamed: slug != nil, reach: reach)
        } catch {
            return .errors([FieldError(error, field: error.key ?? "")])
        }
    }

    private func check(_ reading: FormReading, isNamed: Bool, reach: Reach) -> FormResult {
        let json = reading.userOptions(isNamed: isNamed)
        do throws(Objection) {
            let outcome = SelectionCheck(try UserOptions(json), of: reading.profile, reach: reach).run()
            let found: [Objection]
            switch outcome {
            case .selection: found = []
            case .objections(let objections): found = objections
            }
            let all = reading.objections + found.filter { !reading.isReported($0.key) }
            guard all.isEmpty else { return .errors(all.map { FieldError($0, field: reading.fieldName($0.key)) }) }
            return .options(json)
        } catch {
            return .errors([FieldError(error, field: reading.fieldName(error.key))])
        }
    }
}

extension FieldError {
    fileprivate init(_ objection: Objection, field: String) {
        self.field = field
        code = objection.refusal.reason
        message = objection.refusal.userMessage
    }
}
