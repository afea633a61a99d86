// SPDX-License-Identifier: Apache-2.0
import Glibc
import Sockets

extension Reading {
    /// The addresses and the certificate, which is held against its key and the calendar before a client does.
    mutating func tls(_ item: Item?, beside plain: Item?) -> TLSTerms? {
        guard let item, item.isMapping, let certificate = item["certificate_file"], let key = item["key_file"] else {
            return nil
        }
        let authorities = item["client_ca_file"]
        let addresses = item["listen"].map { listen($0) } ?? []
        refuseSharedAddresses(item["listen"], plain)
        let requires = item.text("client_certificates") == "required"
        if requires, authorities == nil {
            fault(
                item, "requires clients' certificates, and does not say whose", "Add `client_ca_file`.", atKey: true)
        }
        let files = TLSFiles(
            certificate: path(certificate), key: path(key), clientAuthorities: authorities.map { path($0) },
            requiresClientCertificate: requires)
        let chain = pem(certificate, "the certificate file", "Write the certificate there, in PEM.")
        let secret = pem(
            key, "the key file", "Write the certificate's key there, in PEM (`chmod 600`).", isSecret: true)
        var context: TLSContext?
        let bundle = authorities.map { pem($0, "the file", "Write the authorities' certificates there, in PEM.") }
        if let chain, let secret, bundle != .some(nil) {
            let material = TLSMaterial(
                certificate: chain, key: secret, clientAuthorities: bundle ?? nil, requiresClientCertificate: requires)
            context = made(of: material, item, certificate, key, authorities)
        }
        return TLSTerms(listen: addresses, files: files, context: context)
    }

    private func path(_ item: Item) -> String { item.resolved(item.text ?? "") }

    private mutating func refuseSharedAddresses(_ own: Item?, _ others: Item?) {
        let known = (others?.texts ?? ["127.0.0.1:8090"])
        for text in own?.texts ?? [] where known.contains(text) {
            guard let own else { continue }
            fault(own, "\(quoted(text)) is an address of `listen` already", "Give TLS a port of its own.")
        }
    }

    private mutating func pem(_ item: Item, _ noun: String, _ remedy: String, isSecret: Bool = false) -> [UInt8]? {
        guard let text = item.text else { return nil }
        switch WholeFile.read(path(item), most: TLSFiles.bytesMost) {
        case .failure(let reason):
            stamps.append(FileStamp(at: path(item)))
            missing(item, "\(noun) \(quoted(text)) \(reason.words)", remedy)
            return nil
        case .success(let file):
            stamps.append(file.stamp)
            if isSecret, file.mode & 0o004 != 0 {
                warn(item, "\(quoted(text)) can be read by every user of this machine", "Run `chmod o-r` on it.")
            }
            return file.bytes
        }
    }

    private mutating func made(
        of material: TLSMaterial, _ item: Item, _ certificate: Item, _ key: Item, _ authorities: Item?
    ) -> TLSContext? {
        do throws(TLSFault) {
            let context = try TLSContext(material)
            warnOfTime(context, certificate)
            return context
        } catch {
            tell(error, item, certificate, key, authorities)
            return nil
        }
    }

    private mutating func tell(
        _ error: TLSFault, _ item: Item, _ certificate: Item, _ key: Item, _ authorities: Item?
    ) {
        switch error {
        case .certificateUnreadable:
            fault(
                certificate, "\(named(certificate)) holds no certificate in PEM",
                "It begins with -----BEGIN CERTIFICATE-----.")
        case .keyUnreadable:
            fault(
                key, "\(named(key)) holds no private key in PEM",
                "It begins with -----BEGIN PRIVATE KEY----- or its like.")
        case .keyEncrypted:
            fault(
                key, "\(named(key)) has a password, and nobody is there to type it",
                "Take it off (`openssl pkey -in FILE -out FILE`), and keep the file to Berth.")
        case .keyOfAnotherCertificate:
            fault(key, "\(named(key)) is another certificate's key", "Put both files of one pair there.")
        case .authoritiesUnreadable:
            fault(authorities ?? item, "\(authorities.map(named) ?? "the file") holds no certificate in PEM", "")
        case .refused(let reason):
            fault(certificate, "\(named(certificate)) cannot be used: \(reason)", "Have another one issued.")
        }
    }

    private func named(_ item: Item) -> String { quoted(item.text ?? "") }

    private mutating func warnOfTime(_ context: TLSContext, _ item: Item) {
        let now = Int64(time(nil))
        if context.validUntilUnixSeconds <= now {
            warn(item, "\(named(item)) has expired", "Have it renewed: clients refuse it.")
        } else if context.validFromUnixSeconds > now {
            warn(item, "\(named(item)) does not count yet", "Look at its dates and this machine's clock.")
        }
    }
}
