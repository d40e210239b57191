/* The one table of checks, in the order in which they are made: what others rest on comes first.
 * Rights: part of the doctor; none needed. */
#include "cli/doctor/doctor.h"

#include <stddef.h>

const struct check checks[] = {
        {"host", "the kernel has the fences, and limits are enforced", check_host},
        {"space", "there is room on the file systems", check_space},
        {"mounts", "every file system that should be there is mounted", check_mounts},
        {"clock", "the clock is right and kept so", check_clock},
        {"settings", "/etc/bulkhead/bulkhead.conf is right", check_settings},
        {"package", "the installed files are those of the package", check_package},
        {"accounts", "users, groups and an administrator are there", check_accounts},
        {"files", "folders belong to whom they should", check_files},
        {"units", "systemd has the units, as they shipped, and they run", check_units},
        {"sockets", "each daemon can be reached, by those who may, and answers", check_sockets},
        {"processes", "each process is what its policy says", check_processes},
        {"trust", "keys and revocations are published", check_trust},
        {"plans", "no plan is left open", check_plans},
        {"database", "the database can be reached; schema and rights are this version's", check_database},
        {"drift", "pools, orders and shares are as they are wanted", check_drift},
        {"domain", "the domain, if there is one, answers and knows this machine", check_domain},
        {"directory", "the directory, if there is one, answers, knows this machine and has people", check_directory},
        {"tang", "the servers that open encrypted pools answer and have their keys", check_tang},
        {"certificate", "the certificate holds", check_certificate},
        {"services", "the services' own checkers are content", check_services},
        {NULL, NULL, NULL},
};
