/* Value types: what every one of them must refuse, and a table of cases for each.
 * Rights: none. */
#include "value/credential.h"
#include "value/types.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static int judge(const struct value_type *type, const char *text, size_t length)
{
        struct failure failure = {0};
        int result = value_check(type, "field", text, length, &failure);
        if (result != 0) {
                assert_int_equal(failure.code, FAILURE_INVALID);
                assert_string_equal(failure.field, "field");
                assert_non_null(strstr(failure.message, "field must be "));
                if (type->secret && length > 3)
                        assert_null(strstr(failure.message, text));
        }
        return result;
}

static void every_example_is_valid(void **state)
{
        (void)state;
        for (size_t i = 0; value_type_at(i) != NULL; i++) {
                const struct value_type *type = value_type_at(i);
                if (judge(type, type->example, strlen(type->example)) != 0)
                        fail_msg("the example of %s is not valid: %s", type->name, type->example);
                assert_ptr_equal(value_type_find(type->name), type);
        }
        assert_null(value_type_find("no_such_type"));
}

static void every_type_refuses_hostile_text(void **state)
{
        (void)state;
        static const char *const hostile[] = {"",         "\n",        "a\nb",       "alice\n",   "--help\n",
                                              "\xff\xfe", "a\xc0\xaf", "\x1b[31m\n", "alice\r\n", "x\ny:z:0:0"};
        for (size_t i = 0; value_type_at(i) != NULL; i++) {
                const struct value_type *type = value_type_at(i);
                for (size_t k = 0; k < sizeof hostile / sizeof hostile[0]; k++) {
                        if (strcmp(type->name, "password_try") == 0 && k != 0 && (unsigned char)hostile[k][0] < 0x80 &&
                            strstr(hostile[k], "\xc0") == NULL)
                                continue; /* what somebody typed is only compared, never written anywhere */
                        if (judge(type, hostile[k], strlen(hostile[k])) == 0)
                                fail_msg("%s lets case %zu pass", type->name, k);
                }
                assert_int_equal(judge(type, "a\0b", 3), -1);
                static char longer[512 * 1024];
                memset(longer, 'a', sizeof longer - 1);
                longer[sizeof longer - 1] = '\0';
                assert_int_equal(judge(type, longer, type->max_bytes + 1), -1);
        }
}

/* As much as a type takes, judged also by those types that it is made of and that take less. */
static void every_type_bears_as_much_as_it_takes(void **state)
{
        (void)state;
        for (size_t i = 0; value_type_at(i) != NULL; i++)
                for (const char *c = "1a/:. -"; *c; c++)
                        for (size_t less = 0; less < 8 && less < value_type_at(i)->max_bytes; less++) {
                                size_t length = value_type_at(i)->max_bytes - less;
                                char *text = test_malloc(length + 1);
                                memset(text, *c, length);
                                text[length] = '\0';
                                (void)value_is(value_type_at(i), text, length);
                                test_free(text);
                        }
        static const char host[] = "1111111111111111111111111111111111111111111111111";
        assert_false(value_is(&value_share_host, host, strlen(host)));
}

static void no_argument_begins_like_an_option(void **state)
{
        (void)state;
        for (size_t i = 0; value_type_at(i) != NULL; i++) {
                const struct value_type *type = value_type_at(i);
                /* Never on a command line; what people call their files, the hand opens below a folder. */
                if (type->secret || type->lines || strcmp(type->name, "cursor") == 0 ||
                    strcmp(type->name, "plan") == 0 || strcmp(type->name, "file_path") == 0)
                        continue;
                assert_int_equal(judge(type, "-rf", 3), -1);
                assert_int_equal(judge(type, "--help", 6), -1);
        }
}

#define CERTIFICATE "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
#define KEY         "-----BEGIN PRIVATE KEY-----\nMIGH\n-----END PRIVATE KEY-----\n"
#define EC_KEY      "-----BEGIN EC PRIVATE KEY-----\nMIGH\n-----END EC PRIVATE KEY-----\n"

struct test_case {
        const char *type, *text;
        int good;
};

static void cases(void **state)
{
        (void)state;
        static const struct test_case table[] = {
                {"user_name", "alice", 1},
                {"user_name", "a", 1},
                {"user_name", "bob-2", 1},
                {"user_name", "root", 0},
                {"user_name", "bulkhead-users", 0},
                {"user_name", "Alice", 0},
                {"user_name", "2bob", 0},
                {"user_name", "bob-", 0},
                {"user_name", "a.b", 0},
                {"user_name", "abcdefghijabcdefghijabcdefghija", 1},
                {"user_name", "abcdefghijabcdefghijabcdefghijab", 0},
                {"user_name", "audio", 0}, /* its own group would have that name */
                {"user_name", "systemd-network", 0},
                {"group_name", "postgres", 0},
                {"accounts_csv", "username,full name,role,groups\r\nzo\xc3\xab,Zo\xc3\xab,user,\r\n", 1},
                {"accounts_csv", "username\x1b[31m", 0},
                {"accounts_csv", "full name,username\nof whatever\n", 1},
                {"accounts_csv", "username\nzoe,Zoe,user,\n", 0},
                {"share_user", "alice", 1},
                {"share_user", "@EXAMPLE\\Domain Users", 1},
                {"share_user", "Example-2\\Zo\xc3\xab O'Neil (x)", 1},
                {"share_user", "EXAMPLE\\", 0},
                {"share_user", "\\alice", 0},
                {"share_user", "EXAMPLE\\alice ", 0},
                {"share_user", "EXAMPLE\\alice.", 0},
                {"share_user", "EXAMPLE\\a,b", 0},
                {"share_user", "EXAMPLE\\a;b", 0},
                {"share_user", "EXAMPLE\\a%U", 0},
                {"share_user", "EXAMPLE\\a\"b", 0},
                {"share_user", "EXAMPLE\\-a", 0},
                {"share_user", "A\\B\\c", 0},
                {"share_user", "NAMEOFSIXTEENXYZ\\c", 0},
                {"share_user", "carol@directory", 1},
                {"share_user", "@staff@directory", 1},
                {"share_user", "@directory", 1}, /* a group of this machine */
                {"share_user", "@@directory", 0},
                {"share_user", "Carol@directory", 0},
                {"share_user", "carol@elsewhere", 0},
                {"share_user", "carol@directory@directory", 0},
                {"named_number", "100000 carol@directory", 1},
                {"named_number", "1799999999 @staff@directory", 1},
                {"named_number", "99999 carol@directory", 0},
                {"named_number", "1800000000 carol@directory", 0},
                {"named_number", "100000 carol", 0},
                {"named_number", "100000", 0},
                {"ldap_name", "cn=a reader,dc=x", 1},
                {"ldap_name", "nothing", 0},
                {"ldap_servers", "ldaps://ldap.example.org", 1},
                {"ldap_servers", "ldap://a.example.org,ldap://b.example.org", 1},
                {"ldap_servers", "ldaps://a.b,ldaps://b.b,ldaps://c.b,ldaps://d.b", 1},
                {"ldap_servers", "ldaps://a.b,ldaps://b.b,ldaps://c.b,ldaps://d.b,ldaps://e.b", 0},
                {"ldap_servers", "ldaps://a.b,ldap://b.b", 0},
                {"ldap_servers", "ldaps://a.b,", 0},
                {"ldap_servers", ",ldaps://a.b", 0},
                {"ldap_servers", "ldaps://a.b ldaps://b.b", 0},
                {"ldap_servers", "ldaps://a.b:389", 0},
                {"ldap_servers", "ldapi://a.b", 0},
                {"ldap_servers", "ldap://", 0},
                {"ldap_name", "cn=a\\,b", 0},
                {"ldap_name", "cn=$(x)", 0},
                {"ldap_name", " cn=x", 0},
                {"directory_name", "carol", 1},
                {"directory_name", "carol@directory", 0},
                {"directory_name", "-x", 0},
                {"folder_owner", "alice", 1},
                {"folder_owner", "root", 1},
                {"folder_owner", "carol@directory", 1},
                {"folder_owner", "A\\Domain Users", 1},
                {"folder_owner", "@family", 0},
                {"folder_owner", "@carol@directory", 0},
                {"folder_owner", "@A\\b", 0},
                {"folder_owner", "A\\b\nc", 0},
                {"folder_owner", "100001 carol@directory", 0},
                {"folder_owner", "", 0},
                {"given_owner", "alice", 1},
                {"given_owner", "100000 carol@directory", 1},
                {"given_owner", "1799999999 carol@directory", 1},
                {"given_owner", "1900000000 A\\Domain Users", 1},
                {"given_owner", "2099999999 A\\b", 1},
                {"given_owner", "carol@directory", 0},
                {"given_owner", "A\\b", 0},
                {"given_owner", "0 A\\b", 0},
                {"given_owner", "20001 A\\b", 0},
                {"given_owner", "2100000000 A\\b", 0},
                {"given_owner", "1900000000 carol@directory", 0},
                {"given_owner", "100001 A\\b", 0},
                {"given_owner", "99999 carol@directory", 0},
                {"given_owner", "1800000000 carol@directory", 0},
                {"given_owner", "100001 @staff@directory", 0},
                {"given_owner", "100001 carol", 0},
                {"given_owner", "1900000000 @A\\b", 0},
                {"given_owner", "01900000000 A\\b", 0},
                {"given_owner", "1900000000  A\\b", 0},
                {"given_owner", "1900000000 ", 0},
                {"realm", "ad.example.org", 1},
                {"realm", "AD.Example.ORG", 1},
                {"realm", "example", 0},
                {"realm", "a..b", 0},
                {"realm", "a b.c", 0},
                {"domain_account", "Administrator", 1},
                {"domain_account", "BULK\\x", 0},
                {"domain_account", "a%b", 0},
                {"domain_account", "a b", 0},
                {"domain_password", "a # = \\ 'b", 1},
                {"domain_password", " a", 0},
                {"domain_password", "a ", 0},
                {"domain_password", "a\tb", 0},
                {"named_sid", "S-1-5-21-1-2-3-4 A\\b", 1},
                {"named_sid", "S-1-5-21-1-2-3-4 @A\\b c", 1},
                {"named_sid", "S-1-5-21-1-2-3-4 alice", 0},
                {"named_sid", "S-1-5-21-1-2-3 A\\b", 0},
                {"named_sid", "S-1-5-21-1-2-3-4-5 A\\b", 0},
                {"named_sid", "S-1-5-32-544 A\\b", 0},
                {"named_sid", "S-1-5-21-1-2-3-x A\\b", 0},
                {"domain_setting", "include = /usr/share/bulkhead/smb-member.conf", 1},
                {"domain_setting", "include = /tmp/evil", 0},
                {"domain_setting", "workgroup = EXAMPLE", 1},
                {"domain_setting", "netbios name = NAS", 1},
                {"domain_setting", "valid users = NAS\\%U", 1},
                {"domain_setting", "valid users = %U", 0},
                {"domain_setting", "valid users = \\%U", 0},
                {"domain_setting", "idmap config EXAMPLE : backend = rid", 1},
                {"domain_setting", "idmap config EXAMPLE : backend = tdb", 0},
                {"domain_setting", "idmap config EXAMPLE : range = 1900000000-2099999999", 1},
                {"domain_setting", "idmap config EXAMPLE : range = 0-2099999999", 0},
                {"domain_setting", "idmap config * : backend = rid", 0},
                {"domain_setting", "root preexec = /bin/sh", 0},
                {"smb_setting", "valid users = alice, S-1-5-21-1-2-3-4", 1},
                {"smb_setting", "valid users = S-1-5-32-544", 0},
                {"smb_setting", "valid users = EXAMPLE\\alice", 0},
                {"smb_setting", "bulkhead:sids = S-1-5-21-1-2-3-4 A\\b; S-1-5-21-1-2-3-5 @A\\c d", 1},
                {"smb_setting", "bulkhead:sids = S-1-5-21-1-2-3-4 A\\b;", 0},
                {"transfer_setting", "user = EXAMPLE\\alice", 0},
                {"group_name", "nobody", 0},
                {"group_name", "family", 1},
                {"group_name", "sudo", 0},
                {"group_name", "shadow", 0},
                {"group_name", "bulkhead-admin", 0},
                {"full_name", "Zo\xc3\xab O'Neil \xf0\x9f\x8c\x8a", 1},
                {"full_name", "a:b", 0},
                {"full_name", "a,b", 0},
                {"full_name",
                 "\xe2\x80\xae"
                 "evil",
                 0},
                {"password", "short", 0},
                {"password", "aaaaaaaaaaaaaaaa", 0},
                {"password", "Password1234567", 0},
                {"password", "twelve bytes", 1},
                {"network", "10.0.0.0/8", 1},
                {"network", "10.0.0.1/8", 0},
                {"network", "10.0.0.0/33", 0},
                {"network", "2001:db8::/32", 1},
                {"network", "2001:db8::1/32", 0},
                {"network", "0.0.0.0/0", 1},
                {"network", "10.0.0.0", 0},
                {"network", "10.0.0.0/08", 0},
                {"address", "::1", 1},
                {"address", "1.2.3", 0},
                {"address", "fe80::1%eth0", 0},
                {"timestamp", "2024-02-29T00:00:00Z", 1},
                {"timestamp", "2023-02-29T00:00:00Z", 0},
                {"timestamp", "2024-02-29T24:00:00Z", 0},
                {"timestamp", "2024-02-29T00:00:00.5Z", 1},
                {"timestamp", "2024-02-29T00:00:00.Z", 0},
                {"timestamp", "2024-02-29 00:00:00Z", 0},
                {"access_preset", "group_writes", 1},
                {"access_preset", "group", 0},
                {"compression", "zstd", 1},
                {"compression", "zstd:3", 0},
                {"compression", "", 0},
                {"array", "0123abcd:22224333:84445555:55555555", 1},
                {"array", "0123ABCD:22224333:84445555:55555555", 0},
                {"array", "0123abcd-22224333-84445555-55555555", 0},
                {"array", "0123abcd:22224333:84445555:5555555", 0},
                {"array_level", "10", 1},
                {"array_level", "0", 0},
                {"file_system", "xfs", 1},
                {"file_system", "ntfs", 0},
                {"file_system", "cephfs", 1},
                {"ceph_monitors", "192.0.2.7", 1},
                {"ceph_monitors", "192.0.2.7:6789,mon-b.example.org,[2001:db8::7]:3300,[::1]", 1},
                {"ceph_monitors", "192.0.2.7,", 0},
                {"ceph_monitors", ",192.0.2.7", 0},
                {"ceph_monitors", "192.0.2.7, 192.0.2.8", 0},
                {"ceph_monitors", "192.0.2.7:0", 0},
                {"ceph_monitors", "192.0.2.7:65536", 0},
                {"ceph_monitors", "192.0.2.7:", 0},
                {"ceph_monitors", "2001:db8::7", 0},
                {"ceph_monitors", "[192.0.2.7", 0},
                {"ceph_monitors", "[mon]", 0},
                {"ceph_monitors", "[::1]x", 0},
                {"ceph_monitors", "a,b,c,d,e,f,g,h,i", 1},
                {"ceph_monitors", "a,b,c,d,e,f,g,h,i,j", 0},
                {"ceph_monitors", "mon$IFS", 0},
                {"ceph_user", "nas.0_b-c", 1},
                {"ceph_user", "client.nas", 0},
                {"ceph_user", "n as", 0},
                {"ceph_user", "${HOME}", 0},
                {"ceph_user", "%i", 0},
                {"ceph_name", "cephfs", 1},
                {"ceph_name", "a,b", 0},
                {"ceph_name", ".x", 0},
                {"ceph_path", "/", 1},
                {"ceph_path", "/volumes/nas_1/a.b", 1},
                {"ceph_path", "/volumes/", 0},
                {"ceph_path", "//", 0},
                {"ceph_path", "/a/../b", 0},
                {"ceph_path", "/-x", 0},
                {"ceph_path", "volumes", 0},
                {"ceph_path", "/a b", 0},
                {"ceph_key", "AQAAAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAAAAAA", 1},
                {"ceph_key", "AQAAAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAAAA=", 0},
                {"ceph_key", "AQAAAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAAA===", 0},
                {"ceph_key", "AQ=AAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAAAA==", 0},
                {"ceph_key", "AQAA\nAAAAAAABAAAAAAAAAAAAAAAAAAAAAAAA==", 0},
                {"ceph_key", "[client.nas]\nkey = AQAAAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAAAA==", 0},
                {"account_id", "20000", 1},
                {"account_id", "30000", 0},
                {"account_id", "0", 0},
                {"account_id", "020000", 0},
                {"number", "0", 0},
                {"number", "9007199254740991", 1},
                {"number", "9007199254740992", 0},
                {"bytes", "2147483648", 1},
                {"bytes", "0", 1},
                {"bytes", "00", 0},
                {"bytes", "-1", 0},
                {"bytes", "2 GiB", 0},
                {"ssh_key", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f", 1},
                {"ssh_key", "ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f", 0},
                {"ssh_key",
                 "command=\"x\" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f", 0},
                {"ssh_key", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4=", 1},
                {"ssh_key", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4", 0},
                {"ssh_key", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f====", 0},
                {"ssh_key", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5", 0},
                {"ssh_key", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f a\"b", 0},
                {"shell", "/bin/sh", 0},
                {"machine_name", "nas-2", 1},
                {"machine_name", "2", 1},
                {"machine_name", "NAS", 0},
                {"machine_name", "nas.local", 0},
                {"machine_name", "-nas", 0},
                {"machine_name", "nas-", 0},
                {"machine_name", "localhost", 0},
                {"time_zone", "UTC", 1},
                {"time_zone", "Etc/GMT+5", 1},
                {"time_zone", "America/Argentina/Buenos_Aires", 1},
                {"time_zone", "America/Argentina/Buenos/Aires", 0},
                {"time_zone", "/UTC", 0},
                {"time_zone", "UTC/", 0},
                {"time_zone", "Europe//Berlin", 0},
                {"time_zone", "../UTC", 0},
                {"time_zone", "-UTC", 0},
                {"host_name", "nas.example.org", 1},
                {"host_name", "nas", 0},
                {"host_name", "Nas.example.org", 0},
                {"host_name", "-nas.example.org", 0},
                {"host_name", "nas-.example.org", 0},
                {"host_name", "nas..org", 0},
                {"host_name", "nas.example.org.", 0},
                {"host_name", "192.0.2.7", 0},
                {"host_name", "*.example.org", 0},
                {"host_name", "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcd.org", 0},
                {"email", "ada+nas@example.org", 1},
                {"email", "ada@example", 0},
                {"email", "-ada@example.org", 0},
                {"email", "ada@@example.org", 0},
                {"email", "ada", 0},
                {"email", "ada$x@example.org", 0},
                {"https_url", "https://127.0.0.1:14000/dir", 1},
                {"https_url", "https://ca.example", 1},
                {"https_url", "http://ca.example/", 0},
                {"https_url", "https://ca.example:0/", 0},
                {"https_url", "https://ca.example:65536/", 0},
                {"https_url", "https:///dir", 0},
                {"https_url", "https://user@ca.example/", 0},
                {"https_url", "https://ca.example/a b", 0},
                {"https_url", "https://ca.example/$HOME", 0},
                {"tang_url", "http://tang", 1},
                {"tang_url", "https://192.0.2.7:443", 1},
                {"tang_url", "http://tang-1.example:7500", 1},
                {"tang_url", "http://[fd00::1]", 1},
                {"tang_url", "https://[2001:db8::7]:7500", 1},
                {"tang_url", "http://[::1", 0},
                {"tang_url", "http://[]", 0},
                {"tang_url", "http://[fd00::1]7500", 0},
                {"tang_url", "http://[fd00::1]:0", 0},
                {"tang_url", "http://[fe80::1%eth0]", 0},
                {"tang_url", "http://[1::2::3]", 0},
                {"tang_url", "http://fd00::1", 0},
                {"tang_url", "http://[tang]", 0},
                {"tang_unit", "http:--\\x5bfd00::1\\x5d:7500", 1},
                {"tang_unit", "http:--tang\\x2d1.example:7500", 1},
                {"tang_unit", "http:--[fd00::1]:7500", 0},
                {"tang_unit", "http:--\\x5bfd00::1:7500", 0},
                {"tang_unit", "http:--\\x5cfd00", 0},
                {"tang_url", "http://tang/", 0},
                {"tang_url", "http://tang:0", 0},
                {"tang_url", "http://", 0},
                {"tang_url", "ftp://tang", 0},
                {"tang_url", "http://a\"b", 0},
                {"tang_url", "http://$URL", 0},
                {"tang_url", "http://me@tang", 0},
                {"tang_url", "http://-tang", 0},
                {"tang_unit", "http:--tang", 1},
                {"tang_unit", "https:--tang\\x2d1.example:7500", 1},
                {"tang_unit", "http:--tang-1", 0},
                {"tang_unit", "http://tang", 0},
                {"tang_unit", "http:--tang\\x20", 0},
                {"tang_unit", "http:--\\x2dtang", 0},
                {"tang_thumbprint", "n8tlFJ1FlKmZyolKVj24W8tGSnVB8GbMEn6Iv7fXxlo", 1},
                {"tang_thumbprint", "-8tlFJ1FlKmZyolKVj24W8tGSnVB8GbMEn6Iv7fXxlo", 1},
                {"tang_thumbprint", "n8tlFJ1FlKmZyolKVj24W8tGSnVB8GbMEn6Iv7fXxl", 0},
                {"tang_thumbprint", "n8tlFJ1FlKmZyolKVj24W8tGSnVB8GbMEn6Iv7fXx\"o", 0},
                {"subject_name", "*.example.org", 1},
                {"subject_name", "2001:db8::1", 1},
                {"subject_name", "a b", 0},
                {"pem_chain", CERTIFICATE, 1},
                {"pem_chain", "subject=x\r\n" CERTIFICATE, 1},
                {"pem_chain", KEY CERTIFICATE, 0},
                {"pem_chain", "no certificate", 0},
                {"pem_chain", CERTIFICATE "\x1b[31m", 0},
                {"pem_key", KEY, 1},
                {"pem_key", CERTIFICATE, 0},
                {"pem_identity", KEY CERTIFICATE, 1},
                {"pem_identity", CERTIFICATE KEY, 1},
                {"pem_identity", CERTIFICATE "\n" EC_KEY, 1},
                {"pem_identity", KEY CERTIFICATE CERTIFICATE, 1},
                {"pem_identity", KEY KEY CERTIFICATE, 0},
                {"pem_identity", CERTIFICATE, 0},
                {"pem_identity", KEY, 0},
                {"pem_identity", "a: b\n" KEY CERTIFICATE, 0},
                {"pem_identity", KEY CERTIFICATE "x", 0},
                {"pem_identity", KEY "-----BEGIN CERTIFICATE-----\nMI B\n-----END CERTIFICATE-----\n", 0},
                {"pem_identity", KEY "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n", 0},
                {"pem_identity", KEY "-----BEGIN CERTIFICATE-----\nMIIB\n-----END PRIVATE KEY-----\n", 0},
                {"pem_identity", KEY "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----", 0},
                {"pem_identity", KEY "-----BEGIN CERTIFICATE-----\r\nMIIB\r\n-----END CERTIFICATE-----\r\n", 0},
                {"pem_identity", KEY "-----BEGIN X509 CRL-----\nMIIB\n-----END X509 CRL-----\n" CERTIFICATE, 0},
                {"pool_name", "Tank_2", 1},
                {"pool_name", "2tank", 0},
                {"pool_name", "_tank", 0},
                {"pool_name", "ta-nk", 0}, /* a dash in a unit's name is a slash in a path */
                {"pool_name", "ta.nk", 0},
                {"pool_name", "ta/nk", 0},
                {"pool_name", "..", 0},
                {"pool_name", "ta\\x2dnk", 0},
                {"pool_name", "abcdefghijabcdefghijabcdefghija", 1},
                {"pool_name", "abcdefghijabcdefghijabcdefghijab", 0},
                {"disk", "ata-WDC_WD40EFRX-68N32N0_WD-WCC7K0000000", 1},
                {"disk", "nvme-eui.0025388b01c0d6a1", 1},
                {"disk", "wwn-0x5000c500a1b2c3d4", 1},
                {"disk", "ata-GOOD_S1-part1", 0},
                {"disk", "ata-GOOD_S1-part12", 0},
                {"disk", "../sda", 0},
                {"disk", "a/b", 0},
                {"disk", ".hidden", 0},
                {"disk", "a b", 0},
                {"disk_path", "/dev/disk/by-id/ata-GOOD_S1", 1},
                {"disk_path", "/dev/disk/by-id/ata-GOOD_S1-part1", 0},
                {"disk_path", "/dev/disk/by-id/", 0},
                {"disk_path", "/dev/disk/by-id/../../sda", 0},
                {"disk_path", "/dev/disk/by-path/pci-1", 0},
                {"disk_path", "/dev/sda", 0},
                {"disk_path", "ata-GOOD_S1", 0},
                {"uuid", "3cb0cd1f-f8ef-4ac1-a2ae-2c4d2a3c8d21", 1},
                {"uuid", "3CB0CD1F-F8EF-4AC1-A2AE-2C4D2A3C8D21", 0},
                {"uuid", "3cb0cd1ff8ef4ac1a2ae2c4d2a3c8d21", 0},
                {"uuid", "3cb0cd1f-f8ef-4ac1-a2ae-2c4d2a3c8d2g", 0},
                {"uuid", "3cb0cd1f-f8ef-4ac1-a2ae-2c4d2a3c8d2", 0},
                {"uuid", "3cb0cd1f-f8ef-4ac1-a2ae-2c4d2a3c8d211", 0},
                {"pool_profile", "raid1c3", 1},
                {"pool_profile", "dup", 1},
                {"pool_profile", "raid0", 0},
                {"pool_profile", "raid", 0},
                {"pool_profile", "raid1 ", 0},
                {"mount_option", "degraded", 1},
                {"mount_option", "compress=zstd", 1},
                {"mount_option", "compress=zstd,suid", 0},
                {"mount_option", "subvolid=5", 0},
                {"mount_option", "dev", 0},
                {"mount_option", "exec", 0},
                {"dataset", "media/films", 1},
                {"dataset", "Family photos 2026", 1},
                {"dataset", "a/b/c/d/e/f/g/h", 1},
                {"dataset", "a/b/c/d/e/f/g/h/i", 0},
                {"dataset", "a//b", 0},
                {"dataset", "/a", 0},
                {"dataset", "a/", 0},
                {"dataset", "..", 0},
                {"dataset", "a/../b", 0},
                {"dataset", "a/.snapshots", 0},
                {"dataset", ".snapshots", 0},
                {"dataset_folder", "media:films", 1},
                {"dataset_folder", "my data", 1},
                {"dataset_folder", "media/films", 0},
                {"dataset_folder", "a::b", 0},
                {"dataset_folder", "..", 0},
                {"dataset_folder", ":a", 0},
                {"dataset_folder", "a:b:c:d:e:f:g:h:i", 0},
                {"dataset", "a:b", 0}, /* in a folder's name it stands for the slash */
                {"dataset", "a ", 0},
                {"dataset", "a.", 0},
                {"dataset", "a\\b", 0},
                {"dataset", "f\xc3\xbcr", 0},
                {"snapshot", "2026-11-21T12:00:00+01:00", 1},
                {"snapshot", "before-the-upgrade", 1},
                {"snapshot", ".hidden", 0},
                {"snapshot", "..", 0},
                {"snapshot", "a/b", 0},
                {"snapshot", "a b", 0},
                {"remote_host", "nas", 1},
                {"remote_host", "fe80::1", 1},
                {"remote_host", "-oProxyCommand=id", 0},
                {"remote_host", "a b", 0},
                {"remote_place", "attic:/srv", 1},
                {"remote_place", "attic:/", 0},
                {"remote_place", "attic:srv", 0},
                {"remote_place", "attic:/srv/", 0},
                {"remote_place", "attic:/srv/../etc", 0},
                {"remote_place", "attic:/srv/-x", 0},
                {"remote_place", "attic:/srv//x", 0},
                {"remote_place", "attic:/a b", 0},
                {"remote_place", "attic:/$x", 0},
                {"remote_place", ":/srv", 0},
                {"remote_place", "Attic:/srv", 0},
                {"receive_path", "/srv/backup/photos/2026", 1},
                {"receive_path", "/srv/backup", 0},
                {"receive_path", "/srv/backup/", 0},
                {"receive_path", "/srv//photos", 0},
                {"receive_path", "/etc/backup/photos", 0},
                {"receive_path", "/srv/backup/../x", 0},
                {"receive_path", "/srv/backup/a b", 0},
                {"receive_path", "/srv/backup/a\"", 0},
                {"host_fingerprint", "SHA256:short", 0},
                {"host_fingerprint", "MD5:0123456789abcdefghijABCDEFGHIJ+/456789abcdefgh", 0},
                {"zfs_layout", "raidz3", 1},
                {"zfs_layout", "raid10", 1},
                {"zfs_layout", "raidz", 0},
                {"zfs_layout", "mirror", 0},
                {"zfs_part", "mirror", 1},
                {"zfs_part", "raidz4", 0},
                {"zfs_part", "-f", 0},
                {"zfs_number", "18446744073709551615", 1},
                {"zfs_number", "184467440737095516150", 0},
                {"zfs_number", "", 0},
                {"zfs_number", "01", 0},
                {"zfs_number", "12a", 0},
                {"code", "12345", 0},
                {"code", "abcd-efgh-ijkl-mnop-qrst-uvwx", 1},
                {"code", "abcd-efgh-ijkl-mnop-qrst-uvw1", 0},
        };
        for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
                const struct value_type *type = value_type_find(table[i].type);
                assert_non_null(type);
                if ((judge(type, table[i].text, strlen(table[i].text)) == 0) != (table[i].good == 1))
                        fail_msg("%s judges %s wrongly", table[i].type, table[i].text);
        }
}

static void credentials_round_trip(void **state)
{
        (void)state;
        struct credential one = {.kind = CREDENTIAL_KEY, .id = 4711}, two;
        memset(one.secret, 0x5a, sizeof one.secret);
        char text[CREDENTIAL_TEXT_SIZE];
        credential_write(&one, text);
        assert_int_equal(credential_read(text, strlen(text), &two), 0);
        assert_int_equal(two.id, 4711);
        assert_memory_equal(one.secret, two.secret, sizeof one.secret);
        for (size_t i = 0; text[i] != '\0'; i++) {
                char was = text[i];
                text[i] = was == 'x' ? 'y' : 'x';
                assert_int_equal(credential_read(text, strlen(text), &two), -1);
                text[i] = was;
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_example_is_valid),
                cmocka_unit_test(every_type_refuses_hostile_text),
                cmocka_unit_test(every_type_bears_as_much_as_it_takes),
                cmocka_unit_test(no_argument_begins_like_an_option),
                cmocka_unit_test(cases),
                cmocka_unit_test(credentials_round_trip),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
