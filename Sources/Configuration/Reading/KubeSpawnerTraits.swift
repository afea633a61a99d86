// SPDX-License-Identifier: Apache-2.0
import SpawnModel

/// The traits of KubeSpawner 7.1.0 that a configuration may set. KubeSpawner sets any other name as an attribute that
/// nobody reads, without a word: `imagee` is no error there.
enum KubeSpawnerTraits {
    static let known: Set<String> = Set(list.split(whereSeparator: \.isWhitespace).map(String.init))

    /// Templates are filled in when the spawner is made, before a profile is chosen.
    static let fixedAtStart: Set<String> = [
        "pod_name_template", "pvc_name_template", "dns_name_template", "secret_name_template",
        "user_namespace_template",
    ]

    static let memory: Set<String> = ["mem_limit", "mem_guarantee"]

    private static let list = """
        additional_profile_form_template_paths after_pod_created_hook allow_privilege_escalation apply_user_options args
        auth_state_hook automount_service_account_token cmd common_labels component_label consecutive_failure_limit
        container_security_context cpu_guarantee cpu_limit debug default_url delete_grace_period delete_pvc
        delete_stopped_pods disable_user_config dns_name_template enable_user_namespaces env_keep environment
        events_enabled extra_annotations extra_container_config extra_containers extra_labels extra_pod_config
        extra_resource_guarantees extra_resource_limits fs_gid get_pod_url gid group_overrides handle_legacy_names
        http_timeout hub_connect_ip hub_connect_port hub_connect_url image image_pull_policy image_pull_secrets
        init_containers ip k8s_api_host k8s_api_request_retry_timeout k8s_api_request_timeout k8s_api_ssl_ca_cert
        k8s_api_threadpool_workers k8s_api_verify_ssl lifecycle_hooks mem_guarantee mem_limit modify_pod_hook namespace
        node_affinity_preferred node_affinity_required node_selector notebook_dir oauth_client_allowed_scopes
        oauth_roles options_form options_from_form pod_affinity_preferred pod_affinity_required
        pod_anti_affinity_preferred pod_anti_affinity_required pod_connect_ip pod_name_template pod_security_context
        poll_interval poll_jitter port post_stop_hook pre_spawn_hook priority_class_name privileged
        profile_form_template profile_list progress_ready_hook pvc_name_template remember_pvc_name scheduler_name
        secret_mount_path secret_name_template server_token_scopes service_account services_enabled slow_spawn_message
        slow_spawn_message_frequency slow_spawn_message_threshold slug_scheme ssl_alt_names
        ssl_alt_names_include_local start_timeout storage_access_modes storage_capacity storage_class
        storage_extra_annotations storage_extra_labels storage_pvc_ensure storage_selector supplemental_gids
        tolerations uid user_namespace_annotations user_namespace_labels user_namespace_template volume_mounts volumes
        working_dir
        """
}

extension Reading {
    /// What a `kubespawner_override` or `base` sets: names that KubeSpawner has, values that it takes.
    mutating func checkTraits(_ item: Item?) {
        for (name, value) in item?.members ?? [] {
            if !KubeSpawnerTraits.known.contains(name), !findings.hasAllWarnings { warnUnknown(name, value) }
            if KubeSpawnerTraits.fixedAtStart.contains(name) {
                warn(
                    value, "has no effect in a profile: KubeSpawner fills `\(name)` in before a profile is chosen",
                    "Set it in the hub's own configuration.", atKey: true)
            }
            if KubeSpawnerTraits.memory.contains(name) { checkMemory(value, name) }
            warnSecrets(value)
        }
    }

    private mutating func warnUnknown(_ name: String, _ value: Item) {
        let meant = nearest(to: name, among: KubeSpawnerTraits.known).map { "; did you mean `\($0)`?" } ?? ""
        warn(
            value, "`\(name)` is not a trait of KubeSpawner 7.1\(meant)",
            "KubeSpawner sets it without a word, and nothing reads it, unless your spawner class has it.", atKey: true)
    }

    /// `3Gi` is Kubernetes' spelling; the hub fails a start on it.
    private mutating func checkMemory(_ item: Item, _ name: String) {
        // A `set` block may say how the value merges.
        if let (word, value) = item.members.first, FieldWord(rawValue: word) != nil { return checkMemory(value, name) }
        guard case .text(let text)? = item.scalar?.resolved else { return }
        guard text.wholeMatch(of: /\d+(\.\d+)?[KMGT]/) == nil, !text.contains("{value}"), !text.contains("${") else {
            return
        }
        let number = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let unit = text.dropFirst(number.count).first { "KMGTkmgt".contains($0) }?.uppercased()
        let meant = unit.map { " Here probably `\(number)\($0)`, which is in steps of 1024." } ?? ""
        fault(
            item, "\(quoted(text)) is not a size that KubeSpawner takes",
            "`\(name)` is a number with K, M, G or T.\(meant)")
    }

    /// A literal secret in an override reaches the form's data, the hub's database and the pod's manifest.
    private mutating func warnSecrets(_ item: Item) {
        for (name, value) in item.members {
            if SecretWords.match(name), let text = value.text, !text.isEmpty, !text.contains("{") {
                warn(
                    value, "looks like a secret, which may not stand in this file",
                    "Let the pod take it from a Kubernetes Secret with `valueFrom: {secretKeyRef: …}`.", atKey: true)
            }
            warnSecrets(value)
        }
    }
}
