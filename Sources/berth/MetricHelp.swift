// SPDX-License-Identifier: Apache-2.0

/// What each metric says, as its HELP line has it. A metric without one is a fault that a test finds.
enum MetricHelp {
    static let words = [
        "berth_config_file_in_force":
            "1 while the configuration in force is what the files say; 0 since a reading that found faults.",
        "berth_config_loaded_unix_seconds": "When the configuration in force was read.",
        "berth_config_reload_seconds": "How long reading the configuration again has taken.",
        "berth_config_reloads_total": "Readings of the configuration by cause and outcome.",
        "berth_decisions_total": "Answers by route and code; `allowed` and the like, or the code of the problem.",
        "berth_gpu_decisions_total":
            "Reservations with a GPU that were granted, or denied for the reason that the ledger had.",
        "berth_gpu_foreign_units":
            "What pods use that nobody has reserved, in units of the resource; told by the replica that leads.",
        "berth_gpu_hold_expired_total": "Reservations with a GPU that no pod has used within their hold time.",
        "berth_gpu_late_adoptions_total":
            "Pods that came after their reservation had ended, or whose reservation was lost, and got one anew.",
        "berth_gpu_pool_capacity": "All of the pool that may be placed on now, in its unit.",
        "berth_gpu_pool_deficit":
            "Live reservations on devices that no longer bear them: the device is gone, or has shrunk. Should be 0.",
        "berth_gpu_pool_free": "What of the pool is free in all; it need not be in one place.",
        "berth_gpu_pool_largest_fit": "The largest single request that fits now: on one node, or of one device.",
        "berth_gpu_quota_limit":
            "Most that pools, deployments and groups may use; by measure, GPU-hours in milli-card-seconds of a period.",
        "berth_gpu_quota_used":
            "What pools, deployments and groups use of their limits; above it where others lend, or a limit was lowered.",
        "berth_gpu_reservations": "Live reservations with a GPU by state.",
        "berth_gpu_snapshot_age_seconds":
            "For how long nobody has taken in what the cluster's nodes and pods are. Should stay under 15.",
        "berth_gpu_waiting": "How many stand in the pool's waiting list.",
        "berth_gpu_watch_leads": "1 while this replica tells the ledger of the cluster's pods.",
        "berth_gpu_withheld_nodes": "Nodes where no GPU is granted, by reason; told by the replica that leads.",
        "berth_source_answers_total": "What directory and look-ups have answered, by source and outcome.",
        "berth_end_due":
            "Live servers that had to end at the last look, by reason: their walltime is over, or nobody uses them.",
        "berth_end_steps_total": "What was done about servers that had to end, by reason and step.",
        "berth_idle_sessions":
            "Servers with an idle limit by what is known of their last use: known, or what it is that does not tell.",
        "berth_sweep_deletions_total": "Objects of ended starts that the sweep has deleted.",
        "berth_sweep_objects_kept": "Objects of starts that the last round of the sweep has left, by reason.",
        "berth_sweep_rounds_total": "Rounds of the sweep by outcome.",
        "berth_sync_leads": "1 while this replica leads the sync of the directory.",
        "berth_sync_last_success_unix_seconds": "When all objects were last in line with the directory.",
        "berth_sync_objects": "Objects that the sync keeps.",
        "berth_sync_objects_unwritten": "Objects that the last run could not write.",
        "berth_sync_people": "People that the last read of the directory has found.",
        "berth_sync_people_rejected": "Entries of the last read that cannot be a person's.",
        "berth_sync_runs_total": "Runs of the sync by outcome.",
        "berth_sync_seconds": "How long a run of the sync has taken.",
        "berth_sync_writes_total": "Objects that the sync has written, by what it did.",
        "berth_tls_certificate_expires_unix_seconds": "Until when the certificate counts that new connections see.",
        "berth_tls_handshakes_failed_total": "Connections that never came to speak HTTP, by reason.",
    ]
}
