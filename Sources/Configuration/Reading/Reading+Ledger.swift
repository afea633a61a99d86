// SPDX-License-Identifier: Apache-2.0
import GPULedger
import Storage

extension Reading {
    mutating func ledger(_ item: Item?) -> LedgerStore {
        guard let item, item.isMapping else { return .file("") }
        switch (item["path"], item["postgres"]) {
        case (let path?, nil): return ledgerFile(path)
        case (nil, let postgres?): return ledgerServer(postgres)
        // Any other key is misspelled, and that is told once.
        case (nil, nil) where item.members.allSatisfy({ $0.key.hasSuffix("_kept") }):
            fault(
                item, "says neither `path` nor `postgres`", "Name a SQLite file, such as `path: ledger.sqlite`.",
                atKey: true)
        case (nil, nil): break
        default: fault(item, "says `path` and `postgres`", "Keep one.", atKey: true)
        }
        return .file("")
    }

    mutating func retention(_ item: Item?) -> LedgerRetention {
        var retention = LedgerRetention()
        let century = Duration.seconds(36_525 * 86_400)
        let journal = span(item?["journal_kept"], within: LedgerRetention.journalLeast...century, "92d to 36525d")
        let audit = span(item?["audit_kept"], within: .seconds(86_400)...century, "1d to 36525d")
        retention.journal = journal ?? retention.journal
        retention.audit = audit ?? retention.audit
        return retention
    }

    private mutating func ledgerServer(_ item: Item) -> LedgerStore {
        let connection = item["connection"]
        if let connection, let text = connection.text { check(connection, text) }
        let password = item["password_file"].flatMap { file in file.text.map { (file, file.resolved($0)) } }
        if let (file, _) = password {
            _ = secretBytes(file, "Write the password of Berth's role into it, and keep it to Berth (`chmod 600`).")
        }
        return .postgres(PostgresTerms(connection: connection?.text ?? "", passwordFile: password?.1))
    }

    /// Says nothing of the text itself, which may hold a secret in a wrong place.
    private mutating func check(_ item: Item, _ text: String) {
        if let what = PostgresTerms.fault(in: text) {
            fault(
                item, what,
                "Write `host=db.example.org dbname=berth user=berth sslmode=verify-full`, and put the password into "
                    + "`password_file`.")
        } else if PostgresTerms.isOpenToOthers(text) {
            warn(
                item, "does not make sure that it is the right server",
                "Add `sslmode=verify-full`, and `sslrootcert` where its authority is your own.")
        }
    }

    /// The ledger's file, whose folder must be there: Berth makes the file, not the way to it.
    private mutating func ledgerFile(_ written: Item) -> LedgerStore {
        guard let text = written.text else { return .file("") }
        let path = written.resolved(text)
        let folder = FilePaths.folder(of: path)
        if FilePaths.isFolder(path) {
            fault(
                written, "\(quoted(text)) is a folder",
                "Write the path of the SQLite file in it, such as `\(text)/ledger.sqlite`.")
        } else if !FilePaths.isFolder(folder) {
            let what = "the folder \(quoted(folder)) does not exist"
            switch secrets {
            case .required: fault(written, what, "Make it, and let Berth write in it.")
            case .optional: warn(written, what, "Make it, and let Berth write in it.")
            }
        }
        return .file(path)
    }
}
