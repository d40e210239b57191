/* The value types there are, one a file of the same name. */
#ifndef BULKHEAD_VALUE_TYPES_H
#define BULKHEAD_VALUE_TYPES_H

#include "value/value.h"

extern const struct value_type value_access_preset, value_account_id, value_accounts_csv, value_address, value_array,
        value_array_level, value_bytes, value_ceph_key, value_ceph_monitors, value_ceph_name, value_ceph_path,
        value_ceph_user, value_chain, value_clock_time, value_code, value_compression, value_credential, value_cursor,
        value_dataset, value_dataset_folder, value_device, value_digest, value_directory_name, value_disk,
        value_disk_kind, value_disk_path, value_disk_unit, value_domain_account, value_domain_password,
        value_domain_setting, value_email, value_file_path, value_file_system, value_flag, value_folder_mode,
        value_folder_owner, value_given_owner, value_ftp_server_setting, value_full_name, value_group_name,
        value_host_fingerprint, value_host_name, value_https_url, value_keep_rule, value_key_place, value_key_scopes,
        value_key_slot, value_label, value_ldap_name, value_ldap_servers, value_lesser_role, value_machine_name,
        value_module_action, value_module_given, value_module_name, value_mount_option, value_named_number,
        value_named_sid, value_network, value_nfs_block, value_nfs_client, value_nfs_number, value_nfs_path,
        value_nfs_state, value_number, value_outcome, value_owner, value_password, value_password_minimum,
        value_password_try, value_pem_chain, value_pem_identity, value_pem_key, value_period, value_plan,
        value_pool_name, value_pool_profile, value_realm, value_remote_host, value_receive_path, value_remote_place,
        value_role, value_schedule, value_self_test, value_served_path, value_service, value_service_key,
        value_setup_code, value_share_host, value_share_name, value_share_text, value_share_user, value_shell,
        value_smb_server_setting, value_smb_setting, value_snapshot, value_spin_down, value_ssh_key, value_subject_name,
        value_tang_thumbprint, value_tang_unit, value_tang_url, value_ticket, value_time_zone, value_timestamp,
        value_transfer_setting, value_user_name, value_uuid, value_warrant, value_workgroup, value_zfs_compression,
        value_zfs_layout, value_zfs_number, value_zfs_part;

extern const struct value_type *const value_types[];
extern const size_t value_type_count;

#endif
