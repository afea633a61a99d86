// SPDX-License-Identifier: Apache-2.0
package import GPULedger
package import HTTPServer
package import Identity
package import Kubernetes
package import MeasuredUse
package import PodPatching
package import Sealing
package import SidecarTokens
package import Sockets
package import SpawnPolicy

/// All that a configuration says, checked as a whole. Never changed: a request holds on to the one that it began with.
package final class Site: Sendable {
    /// At least one.
    package let listen: [ListenAddress]
    /// Nil where nothing speaks TLS.
    package let tls: TLSTerms?
    package let limits: HTTPLimits
    /// Where reservations are kept; a file's folder exists.
    package let ledger: LedgerStore
    /// How long what is in it is remembered.
    package let retention: LedgerRetention
    /// By name, in the order of the file; at least one.
    package let deployments: [Deployment]
    /// Where claims say what policy asks for; one an issuer.
    package let identity: [ClaimsMapping]
    /// How each issuer's tokens are read.
    package let issuers: [IssuerTerms]
    /// Authorities that issuers' certificates must be signed by; nil takes the system's.
    package let issuersCAFile: String?
    /// How names are compared, on both sides.
    package let nameForms: NameForms
    /// Nil asks no directory.
    package let directory: DirectorySource?
    /// In the order of the file; each has a name of its own.
    package let lookUps: [LookUpSource]
    /// The cluster in which Berth reads and makes objects; nil where there is none.
    package let cluster: ClusterAccess?
    package let policy: Policy
    /// The programs that policy's calls name.
    package let programs: [ProgramTerms]
    /// The cards that exist and the pools made of them; no cards where a cluster's nodes tell of them.
    package let inventory: Inventory
    /// Nil where the file lists the cards.
    package let clusterInventory: ClusterInventory?
    /// What may be had of them by whom, and who waits.
    package let quotas: Quotas
    /// Nil where nobody measures.
    package let measuredUse: MeasuredUseTerms?
    package let pod: PodTerms
    /// Nil where pods are not sealed.
    package let sealKeys: SealKeys?
    /// Made of the keys of seals; nil where there are none.
    package let sidecarTokens: SidecarTokens?
    /// Nil where the API server may not ask.
    package let admission: AdmissionTerms?
    /// Nil where nobody may use the admin routes.
    package let admin: AdminTerms?
    package let log: LogLevel

    init(
        listen: [ListenAddress], tls: TLSTerms?, limits: HTTPLimits, ledger: LedgerStore, retention: LedgerRetention,
        deployments: [Deployment], identity: [ClaimsMapping], issuers: [IssuerTerms], issuersCAFile: String?,
        nameForms: NameForms,
        directory: DirectorySource?, lookUps: [LookUpSource], cluster: ClusterAccess?, policy: Policy,
        programs: [ProgramTerms], inventory: Inventory, clusterInventory: ClusterInventory?, quotas: Quotas,
        measuredUse: MeasuredUseTerms?, pod: PodTerms, sealKeys: SealKeys?, admission: AdmissionTerms?,
        admin: AdminTerms?, log: LogLevel
    ) {
        self.listen = listen
        self.tls = tls
        self.limits = limits
        self.ledger = ledger
        self.retention = retention
        self.deployments = deployments
        self.identity = identity
        self.issuers = issuers
        self.issuersCAFile = issuersCAFile
        self.nameForms = nameForms
        self.directory = directory
        self.lookUps = lookUps
        self.cluster = cluster
        self.policy = policy
        self.programs = programs
        self.inventory = inventory
        self.clusterInventory = clusterInventory
        self.quotas = quotas
        self.measuredUse = measuredUse
        self.pod = pod
        self.sealKeys = sealKeys
        sidecarTokens = sealKeys.map { SidecarTokens($0.derived(for: "sidecar tokens")) }
        self.admission = admission
        self.admin = admin
        self.log = log
    }

    /// Whom a refused user can ask.
    package var contact: String? { policy.contact }

    /// Reads the claims that a hub sends: by its own issuer's mapping, else by the one that the claims name.
    package func subjectReader(for deployment: Deployment) -> SubjectReader {
        let mappings = deployment.issuer.map { issuer in identity.filter { $0.issuer == issuer } } ?? identity
        return SubjectReader(mappings: mappings, forms: nameForms, checksUsername: deployment.checksUsername)
    }

    /// Whether anybody is asked about users besides hubs and issuers.
    package var hasFurtherSources: Bool { directory != nil || !lookUps.isEmpty }
    /// The members of the claims that are theirs, whatever a token says under such a name.
    package var claimsOfFurtherSources: [String] { (directory.map { [$0.claim] } ?? []) + lookUps.map(\.terms.name) }

    /// How the tokens that a hub sends are read; nil where none are.
    package func issuerTerms(for deployment: Deployment) -> IssuerTerms? {
        guard deployment.trust == .token else { return nil }
        return issuers.first { deployment.issuer == nil || $0.issuer == deployment.issuer }
    }

    /// Where the access tokens of the hub's users are exchanged; nil where they are not.
    package func exchangeTerms(for deployment: Deployment) -> IssuerTerms? {
        let own = deployment.issuer.map { name in issuers.filter { $0.issuer == name } } ?? issuers
        return own.count == 1 && own[0].exchange != nil ? own[0] : nil
    }

    /// How tokens are read of the issuers whose tokens some hub or operator sends.
    package var issuersInUse: [IssuerTerms] {
        issuers.filter { terms in
            admin?.issuer?.terms == terms || deployments.contains { issuerTerms(for: $0) == terms }
        }
    }

    package func deployment(_ name: String) -> Deployment? { deployments.first { $0.name == name } }

    /// The least severe level that is logged.
    package enum LogLevel: String, Sendable, CaseIterable {
        case trace, debug, info, notice, warning, error, critical
    }
}

/// A site, and what in its file looks like a slip without being wrong.
package struct LoadedSite: Sendable {
    package let site: Site
    package let warnings: [Fault]
    /// Every file of the configuration: the first and those that it includes.
    package let files: [String]
    /// These and the files with secrets, as they were read. A change in one is a change of the site.
    package let stamps: [FileStamp]
}

/// Whether the files and variables with secrets must be there.
package enum SecretsNeed: Sendable {
    /// To serve: a secret that cannot be read is a fault.
    case required
    /// To check on another machine: it is a warning.
    case optional
}
