"""The users daemon, whole: clerk, hand, PostgreSQL, useradd and PAM, as they run on a machine.

    BUILD=build /usr/bin/python3 -m pytest tests/integration/users.py      (make users builds what it needs)
"""
import os
import subprocess
import sys
import threading

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from people import PASSWORDS, Person, last_row, ledger, make, one_time_code, refused, sign_in, start  # noqa: E402
from box import Box  # noqa: E402

if os.geteuid() != 0:
    pytest.skip("SKIP users: the box needs root", allow_module_level=True)

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f alice@laptop"


@pytest.fixture(scope="module")
def box():
    with Box() as made:
        start(made)
        yield made


@pytest.fixture(scope="module")
def root(box):
    return lambda method, parameters=None, **caller: box.call("users", f"nas.users.{method}", parameters,
                                                              ticket=box.root_ticket(), **caller)


@pytest.fixture(scope="module")
def admin(box):
    return sign_in(box, "ada", "admin")


def test_the_first_administrator_is_made_with_the_code_of_the_console(box, root):
    assert box.call("users", "nas.users.SetupState") == {"needed": True}
    wish = {"username": "first", "password": PASSWORDS["root-made"]}
    error = refused(box.call, "users", "nas.users.Setup", {**wish, "setup_code": "abcd-efgh-jkmn-pqrs-tvwx-2345"})
    assert error.name == "nas.error.Invalid", error
    code = box.field(box.ask("console_setup_code"))[0]
    plan = box.call("users", "nas.users.Setup", {**wish, "setup_code": code}, dry_run=True)["plan"]
    assert plan["warrant"] and "first" not in box.accounts()
    assert PASSWORDS["root-made"] not in str(plan)
    user = box.call("users", "nas.users.Setup", {**wish, "setup_code": code})["user"]
    assert (user["username"], user["role"]) == ("first", "admin")
    assert box.call("users", "nas.users.SetupState") == {"needed": False}
    assert refused(box.call, "users", "nas.users.Setup", {**wish, "username": "second", "setup_code": code}).name == \
        "nas.error.Conflict"
    assert Person(box, "first").user["role"] == "admin"


def test_create_makes_a_unix_account(box, root):
    before = last_row(box)
    done = root("CreateUser", {"username": "alice", "role": "operator", "full_name": "Alice Liddell"})
    account = box.accounts()["alice"]
    assert account["groups"] == ["bulkhead-operator"] and account["full_name"] == "Alice Liddell"
    assert done["user"]["id"] == account["uid"] >= 20000
    assert os.path.isdir("/home/alice") and os.stat("/home/alice").st_uid == account["uid"]
    assert ledger(box, before) == [("intent", "nas.users.CreateUser", "user alice", ""),
                                   ("outcome", "nas.users.CreateUser", "user alice", "success")]
    shown = root("GetUser", {"username": "alice"})["user"]
    assert shown["created"] and shown["totp"] is False
    assert [user["username"] for user in root("ListUsers")["users"]] == sorted(box.accounts())


def test_a_dry_run_changes_nothing(box, root):
    before, accounts = last_row(box), box.accounts()
    plan = root("CreateUser", {"username": "nobody-yet", "password": PASSWORDS["root-made"]}, dry_run=True)["plan"]
    assert [step["literal"].split()[0] for step in plan["steps"][:3]] == \
        ["/usr/sbin/groupadd", "/usr/sbin/useradd", "/usr/sbin/usermod"]
    assert plan == root("CreateUser", {"username": "nobody-yet", "password": PASSWORDS["root-made"]},
                        dry_run=True)["plan"]
    assert PASSWORDS["root-made"] not in str(plan)
    assert box.accounts() == accounts and last_row(box) == before


def test_many_at_once_get_numbers_of_their_own(box, root):
    ticket, made = box.root_ticket(), []

    def create(name):
        made.append(box.call("users", "nas.users.CreateUser", {"username": name}, ticket=ticket)["user"]["id"])
    threads = [threading.Thread(target=create, args=(f"crowd{number}",)) for number in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 24 == len([name for name in box.accounts() if name.startswith("crowd")])


def test_a_taken_name_is_refused_and_told(box, root):
    before = last_row(box)
    for name in ("alice", "mysql" if "mysql:" in open("/etc/passwd").read() else "alice"):
        assert refused(root, "CreateUser", {"username": name}).name == "nas.error.Conflict"
    assert {row[0] for row in ledger(box, before)} == {"refusal"}
    assert refused(root, "CreateUser", {"username": "root"}).name == "nas.error.Invalid"
    assert refused(root, "CreateUser", {"username": "-x"}).parameters["field"] == "username"


def same_steps(described, plan):
    """Told alike by who proposes and by who confirms, and each sentence is made of what it came apart into."""
    for step, proposed in zip(described["steps"], plan["steps"], strict=True):
        words = step["says"]
        for value in step["values"]:
            words = words.replace("{%s}" % value["name"], value["value"])
        assert words == step["words"] and {**step, **proposed} == step
    return True


def test_an_administrator_is_made_only_with_a_warrant(box, admin):
    error = refused(admin.call, "CreateUser", {"username": "boss", "role": "admin"})
    assert error.name == "nas.error.Confirmation" and "boss" not in box.accounts()
    plan = error.parameters["plan"]
    shown = admin.call("Describe", {"plan": plan["plan"]})
    assert shown["digest"] == plan["digest"] and same_steps(shown, plan) and shown["warrant"]
    wrong = refused(admin.call, "Confirm", {"digest": plan["digest"], "plan": plan["plan"],
                                            "password": PASSWORDS["wrong"]})
    assert wrong.name == "nas.error.Invalid"
    assert refused(admin.call, "Confirm", {"digest": "0" * 64, "plan": plan["plan"],
                                           "password": admin.password}).name == "nas.error.Invalid"
    warrant = admin.call("Confirm", {"digest": plan["digest"], "plan": plan["plan"],
                                     "password": admin.password})["warrant"]
    assert refused(admin.call, "CreateUser", {"username": "other", "role": "admin"}, warrant=warrant).name == \
        "nas.error.Confirmation"
    assert admin.call("CreateUser", {"username": "boss", "role": "admin"}, warrant=warrant)["user"]["role"] == "admin"
    again = refused(admin.call, "CreateUser", {"username": "boss", "role": "admin"}, warrant=warrant)
    assert again.name == "nas.error.Conflict"


def test_update_changes_what_is_asked_and_nothing_else(box, admin):
    sign_in(box, "uma", "viewer")
    user = admin.change("UpdateUser", {"username": "uma", "role": "operator", "full_name": "Uma T", "shell": True})
    assert (user["user"]["role"], user["user"]["full_name"], user["user"]["shell"]) == ("operator", "Uma T", True)
    assert box.accounts()["uma"]["groups"] == ["bulkhead-operator"] and box.accounts()["uma"]["shell"] == "/bin/bash"
    before = last_row(box)
    assert admin.change("UpdateUser", {"username": "uma", "role": "operator"})["user"]["role"] == "operator"
    assert last_row(box) == before, "what is so already is no change"
    assert not admin.change("UpdateUser", {"username": "uma", "enabled": False})["user"]["enabled"]
    assert refused(Person, box, "uma").name == "nas.error.Unauthenticated"
    assert admin.change("UpdateUser", {"username": "uma", "enabled": True})["user"]["enabled"]
    assert Person(box, "uma").user["role"] == "operator"
    assert refused(admin.call, "UpdateUser", {"username": "nemo", "shell": True}).name == "nas.error.NotFound"


def test_a_change_of_role_ends_the_tickets_of_before(box, admin):
    rex = sign_in(box, "rex", "operator")
    assert rex.call("ListUsers")
    admin.change("UpdateUser", {"username": "rex", "role": "viewer"})
    assert refused(rex.call, "Me").name == "nas.error.Unauthenticated"
    assert refused(Person(box, "rex").call, "ListUsers").name == "nas.error.Denied"


def test_delete_takes_everything_along(box, admin):
    make(box, "dora")
    assert refused(admin.call, "DeleteUser", {"username": "dora"}).name == "nas.error.Confirmation"
    uid = box.accounts()["dora"]["uid"]
    admin.change("SetSshKeys", {"username": "dora", "ssh_keys": [KEY]})
    admin.change("DeleteUser", {"username": "dora"})
    assert "dora" not in box.accounts() and not os.path.exists("/home/dora")
    assert "dora:" not in open("/etc/group").read() and not os.path.exists("/var/lib/bulkhead/ssh-keys/dora")
    assert make(box, "dora")["user"]["id"] != uid, "a number is given once"


def test_a_change_that_is_malformed_is_written_too(box, root):
    """Every refusal of a change, whatever was wrong with it; never what was secret in it; and no mere question."""
    before = last_row(box)
    for method, parameters in (("CreateUser", {"username": "eve", "password": "Geheim1"}), ("CreateUser", {"username": 7}),
                               ("CreateUser", {"username": "eve", "Geheim2": 1}), ("DeleteGroup", {"name": "../etc"})):
        assert refused(root, method, parameters).name in ("nas.error.Invalid", "nas.error.Malformed"), method
    assert refused(root, "GetUser", {"username": "../etc"}).name == "nas.error.Invalid"
    assert refused(root, "CreateUser", {"username": 7}, dry_run=True).name == "nas.error.Invalid"
    rows = box.wait_for(lambda: (lambda found: found if len(found) >= 4 else None)(box.psql(
        "select kind::text, method, actor_name, outcome, detail from ledger.row where id > %s order by id", before)))
    assert [row[:4] for row in rows] == [("refusal", f"nas.users.{method}", "root", "refused") for method in
                                         ("CreateUser", "CreateUser", "CreateUser", "DeleteGroup")], rows
    assert not [row for row in rows if "Geheim1" in row[4]], rows


def test_the_last_administrator_stays(box, root):
    names = [user["username"] for user in root("ListUsers")["users"] if user["role"] == "admin"]
    for name in names[1:]:
        box.change("users", "nas.users.DeleteUser", {"username": name})
    last = {"username": names[0]}
    for method, wish in (("DeleteUser", {}), ("UpdateUser", {"role": "viewer"}), ("UpdateUser", {"enabled": False})):
        error = refused(box.change, "users", f"nas.users.{method}", {**last, **wish})
        assert error.name == "nas.error.Conflict" and "last administrator" in error.parameters["message"], error
    assert names[0] in box.accounts()
    if "ada" not in box.accounts():
        make(box, "ada", "admin")


@pytest.fixture
def ada(box):
    return Person(box, "ada") if "ada" in box.accounts() else sign_in(box, "ada", "admin")


def test_passwords(box, ada):
    pat = sign_in(box, "pat")
    assert refused(pat.call, "ChangePassword", {"old": PASSWORDS["wrong"], "password": PASSWORDS["changed"]}).name == \
        "nas.error.Invalid"
    assert refused(pat.call, "ChangePassword", {"old": pat.password, "password": "short"}).name == "nas.error.Invalid"
    pat.call("ChangePassword", {"old": pat.password, "password": PASSWORDS["changed"]})
    assert refused(pat.call, "Me").name == "nas.error.Unauthenticated", "signed out everywhere"
    assert refused(Person, box, "pat").name == "nas.error.Unauthenticated"
    pat = Person(box, "pat", PASSWORDS["changed"])
    ada.change("SetPassword", {"username": "pat", "password": PASSWORDS["root-made"]})
    assert refused(pat.call, "Me").name == "nas.error.Unauthenticated"
    assert Person(box, "pat").call("Me")["user"]["username"] == "pat"
    assert refused(pat.call, "SetPassword", {"username": "ada", "password": PASSWORDS["changed"]}).name == \
        "nas.error.Unauthenticated"


def smb_line(name):
    with open("/var/lib/bulkhead/smb/passwd", encoding="ascii") as file:
        return next((line for line in file if line.startswith(name + ":")), None)


def test_passwords_for_smb(box, ada):
    """They follow the password for signing in, but for administrators; and lists say who has one."""
    def has(name):
        return ada.call("GetUser", {"username": name})["user"]["smb"]

    pat, una = sign_in(box, "smbpat"), "smbuna"
    ada.change("CreateUser", {"username": una})
    assert has("smbpat") and smb_line("smbpat") and not has(una) and smb_line(una) is None
    ada.change("SetPassword", {"username": una, "password": PASSWORDS["root-made"]})
    assert has(una) and "[U " in smb_line(una)
    ada.change("UpdateUser", {"username": una, "enabled": False})
    assert has(una) and "[DU " in smb_line(una)
    ada.change("UpdateUser", {"username": una, "enabled": True})
    plan = ada.call("UpdateUser", {"username": una, "role": "admin"}, dry_run=True)["plan"]
    assert plan["steps"][0]["literal"].startswith("smb_password_drop"), plan
    ada.change("UpdateUser", {"username": una, "role": "admin"})
    assert not has(una) and smb_line(una) is None
    wish = {"username": una, "password": PASSWORDS["root-made"]}
    error = refused(ada.change, "SetSmbPassword", wish)
    assert error.name == "nas.error.Invalid" and "signing in" in str(error.parameters), error
    assert refused(ada.call, "SetSmbPassword", {**wish, "username": "smbpat"}).name == "nas.error.Conflict"
    ada.change("SetSmbPassword", {**wish, "password": PASSWORDS["changed"]})
    assert has(una) and smb_line(una)
    ada.call("RemoveSmbPassword", {"username": una})
    assert not has(una) and smb_line(una) is None
    ada.call("RemoveSmbPassword", {"username": "smbpat"})
    assert not has("smbpat") and pat.call("Me")["user"]["smb"] is False
    ada.change("SetPassword", {"username": "smbpat", "password": PASSWORDS["root-made"]})
    assert has("smbpat")
    ada.change("DeleteUser", {"username": "smbpat"})
    assert smb_line("smbpat") is None


def test_the_password_policy(box, ada):
    assert box.call("users", "nas.users.GetPasswordPolicy") == {"minimum": 12, "admin_totp": False}
    ada.change("SetPasswordPolicy", {"minimum": 20, "admin_totp": False})
    assert box.call("users", "nas.users.GetPasswordPolicy")["minimum"] == 20
    error = refused(ada.call, "CreateUser", {"username": "shorty", "password": "only-14-bytes!"})
    assert error.name == "nas.error.Invalid" and error.parameters["field"] == "password"
    ada.change("SetPasswordPolicy", {"minimum": 12, "admin_totp": False})
    assert refused(ada.call, "SetPasswordPolicy", {"minimum": 3, "admin_totp": False}).name == "nas.error.Invalid"


def test_signing_in_tells_nothing_about_names(box):
    make(box, "lola")
    wrong = refused(Person, box, "lola", PASSWORDS["wrong"])
    nobody = refused(Person, box, "no-such-name", PASSWORDS["wrong"])
    assert wrong.name == nobody.name == "nas.error.Unauthenticated" and wrong.parameters == nobody.parameters


def test_sessions_are_listed_and_ended(box, ada):
    sam = sign_in(box, "sam")
    second = Person(box, "sam")
    mine = sam.call("ListSessions")["sessions"]
    assert len(mine) == 2 and {one["username"] for one in mine} == {"sam"}
    assert [one["current"] for one in mine].count(True) == 1 and mine[1]["address"] == sam.address
    other = [one["id"] for one in mine if not one["current"]][0]
    eve = sign_in(box, "eve")
    assert refused(eve.call, "EndSession", {"id": other}).name == "nas.error.NotFound"
    assert refused(eve.call, "EndSession", {"id": 12345}).parameters == \
        refused(eve.call, "EndSession", {"id": other}).parameters
    sam.call("EndSession", {"id": other})
    assert refused(second.call, "Me").name == "nas.error.Unauthenticated"
    assert refused(second.refresh).name == "nas.error.Unauthenticated"
    assert len(sam.call("ListSessions")["sessions"]) == 1
    assert {one["username"] for one in ada.call("ListSessions")["sessions"]} > {"sam", "eve"}
    assert sam.call("Refresh")["token"] and sam.call("Me")["user"]["last_login"]
    sam.call("Logout")
    assert refused(sam.call, "Me").name == "nas.error.Unauthenticated"


def test_keys(box, ada):
    kit = sign_in(box, "kit", "operator")
    assert refused(kit.change, "CreateKey", {"name": "too much", "role": "admin"}).name == "nas.error.Denied"
    assert refused(kit.change, "CreateKey", {"name": "over", "role": "user", "expires": "2020-01-01T00:00:00Z"}).name \
        == "nas.error.Invalid"
    done = kit.change("CreateKey", {"name": "Home Assistant", "role": "operator", "read_only": True,
                                    "networks": ["192.0.2.0/24", "2001:db8::/32"]})
    key = done["key"]
    assert (key["name"], key["username"], key["role"], key["read_only"]) == ("Home Assistant", "kit", "operator", True)
    assert refused(box.call, "users", "nas.users.Exchange", {"credential": done["secret"]}, address="198.51.100.1"
                   ).name == "nas.error.Unauthenticated"
    ticket = box.call("users", "nas.users.Exchange", {"credential": done["secret"]}, address="192.0.2.77")["token"]
    assert box.call("users", "nas.users.ListUsers", ticket=ticket)["users"]
    assert refused(box.call, "users", "nas.users.SetSshKeys", {"username": "kit", "ssh_keys": []}, ticket=ticket).name \
        == "nas.error.Denied"
    assert [one["id"] for one in kit.call("ListKeys")["keys"]] == [key["id"]]
    assert kit.call("ListKeys")["keys"][0]["networks"] == ["192.0.2.0/24", "2001:db8::/32"]
    eli = sign_in(box, "eli")
    assert eli.call("ListKeys")["keys"] == []
    assert refused(eli.call, "RenameKey", {"id": key["id"], "name": "mine"}).name == "nas.error.NotFound"
    since, key = last_row(box), kit.call("ListKeys")["keys"][0]
    assert kit.call("RenameKey", {"id": key["id"], "name": "the kitchen"})["key"] == {**key, "name": "the kitchen"}
    assert kit.call("ListKeys")["keys"][0]["name"] == "the kitchen"
    assert [row[0] for row in ledger(box, since)] == ["intent", "outcome"]
    assert ada.call("RenameKey", {"id": key["id"], "name": "the kitchen"})["key"]["name"] == "the kitchen"
    assert last_row(box) == since + 2, "nothing to do"
    assert ada.call("RenameKey", {"id": key["id"], "name": "Home Assistant"})["key"] == key
    assert refused(eli.call, "RevokeKey", {"id": key["id"]}).name == "nas.error.NotFound"
    assert key["id"] in [one["id"] for one in ada.call("ListKeys")["keys"]]
    kit.call("RevokeKey", {"id": key["id"]})
    assert kit.call("ListKeys")["keys"] == []
    assert refused(box.call, "users", "nas.users.Me", ticket=ticket).name == "nas.error.Unauthenticated"
    assert kit.change("CreateKey", {"name": "next", "role": "user"})["key"]["id"] == key["id"] + 1


def test_the_second_factor(box, ada):
    tom = sign_in(box, "tom")
    assert refused(tom.call, "EnrolTotp", {"password": PASSWORDS["wrong"]}).name == "nas.error.Invalid"
    begun = tom.call("EnrolTotp", {"password": tom.password})
    assert begun["uri"].startswith("otpauth://totp/")
    assert refused(tom.call, "ConfirmTotp", {"code": "000000"}).name == "nas.error.Invalid"
    recovery = tom.call("ConfirmTotp", {"code": one_time_code(begun["key"])})["recovery"].split()
    assert len(recovery) >= 8
    assert refused(Person, box, "tom").name == "nas.error.Unauthenticated"
    assert Person(box, "tom", code=recovery[0]).user["totp"] is True
    assert refused(Person, box, "tom", code=recovery[0]).name == "nas.error.Unauthenticated", "used once"
    tim = sign_in(box, "tim")
    assert refused(tim.call, "DisableTotp", {"username": "tom"}).name == "nas.error.NotFound"
    assert refused(ada.call, "DisableTotp", {"username": "tim"}).name == "nas.error.Conflict"
    ada.change("DisableTotp", {"username": "tom"})
    assert Person(box, "tom").user["totp"] is False


def test_ssh_keys(box, ada):
    sue = sign_in(box, "sue")
    assert sue.call("ListSshKeys", {"username": "sue"}) == {"ssh_keys": []}
    sue.call("SetSshKeys", {"username": "sue", "ssh_keys": [KEY]})
    assert sue.call("ListSshKeys", {"username": "sue"}) == {"ssh_keys": [KEY]}
    assert open("/var/lib/bulkhead/ssh-keys/sue").read() == KEY + "\n"
    ann = sign_in(box, "ann")
    for method, wish in (("ListSshKeys", {}), ("SetSshKeys", {"ssh_keys": [KEY]})):
        error = refused(ann.call, method, {"username": "sue", **wish})
        unknown = refused(ann.call, method, {"username": "sux", **wish})
        assert error.name == unknown.name == "nas.error.NotFound"
        assert error.parameters["message"].replace("sue", "sux") == unknown.parameters["message"]
    assert refused(sue.call, "SetSshKeys", {"username": "sue", "ssh_keys": ['command="x" ' + KEY]}).name == \
        "nas.error.Invalid"
    ada.change("SetSshKeys", {"username": "sue", "ssh_keys": []})
    assert sue.call("ListSshKeys", {"username": "sue"}) == {"ssh_keys": []}


def test_groups(box, ada):
    make(box, "gus")
    assert ada.change("CreateGroup", {"name": "family"})["group"]["members"] == []
    assert refused(ada.call, "CreateGroup", {"name": "family"}).name == "nas.error.Conflict"
    assert refused(ada.call, "CreateGroup", {"name": "sudo"}).name == "nas.error.Invalid"
    assert ada.change("AddMember", {"name": "family", "username": "gus"})["group"]["members"] == ["gus"]
    assert "family" in box.accounts()["gus"]["groups"]
    assert ada.call("GetUser", {"username": "gus"})["user"]["groups"] == ["family"]
    assert [one["name"] for one in Person(box, "gus").call("ListGroups")["groups"]] == ["family"]
    assert ada.change("RemoveMember", {"name": "family", "username": "gus"})["group"]["members"] == []
    assert refused(ada.call, "AddMember", {"name": "bulkhead-admin", "username": "gus"}).name == "nas.error.Invalid"
    assert refused(ada.call, "AddMember", {"name": "nowhere", "username": "gus"}).name == "nas.error.NotFound"
    ada.change("DeleteGroup", {"name": "family"})
    assert ada.call("ListGroups")["groups"] == [] and "family:" not in open("/etc/group").read()


def test_import_and_export(box, ada):
    ada.change("CreateGroup", {"name": "band"})
    rows = 'username,full name,role,groups\r\njohn,John L,user,band\r\n"paul","Paul ""Macca"" M",viewer,\r\n'
    assert refused(ada.change, "ImportUsers", {"csv": rows}).parameters["message"].startswith("line 3, column full name")
    good = "username,full name,role,groups\nmick,Mick J,user,band\nkeef,,viewer,\n"
    bad = good + "ron,Ron W,king,\n"
    error = refused(ada.change, "ImportUsers", {"csv": bad})
    assert error.parameters["message"] == "line 4, column role: must be viewer, user, operator or admin."
    job = ada.change("ImportUsers", {"csv": good})["job"]
    box.wait_for(lambda: box.call("users", "nas.job.GetJob", {"id": job}, ticket=ada.ticket)["job"]["state"] == "success")
    assert box.accounts()["mick"]["groups"] == ["band", "bulkhead-user"]
    assert ada.call("GetUser", {"username": "keef"})["user"].get("full_name") is None
    text = ada.call("ExportUsers")["csv"]
    assert "mick,Mick J,user,band\r\n" in text and "keef,,viewer,\r\n" in text
    for name in ("mick", "keef"):
        ada.change("DeleteUser", {"username": name})
    mine = [line for line in text.split("\r\n") if line.startswith(("username", "mick", "keef"))]
    job = ada.change("ImportUsers", {"csv": "\r\n".join(mine) + "\r\n"})["job"]
    box.wait_for(lambda: "keef" in box.accounts())
    assert refused(ada.change, "ImportUsers", {"csv": good}).parameters["message"].startswith("line 2, column username")


def test_me(box, root, ada):
    assert root("Me")["user"] == {"id": 0, "username": "root", "role": "admin", "enabled": True, "shell": False,
                                  "groups": []}
    assert ada.call("Me")["user"]["username"] == "ada"


def test_who_may_not_is_denied_and_told(box):
    val = sign_in(box, "val", "viewer")
    before = last_row(box)
    for method, wish in (("ListUsers", {}), ("CreateUser", {"username": "x1"}), ("ExportUsers", {}),
                         ("DeleteUser", {"username": "val"}), ("EndAllSessions", {}), ("CreateGroup", {"name": "x"})):
        assert refused(val.call, method, wish).name == "nas.error.Denied", method
    assert refused(box.call, "users", "nas.users.ListUsers").name == "nas.error.Unauthenticated"
    assert refused(box.call, "users", "nas.users.ListUsers", ticket=val.ticket[:-3] + "abc").name == \
        "nas.error.Unauthenticated"
    box.wait_for(lambda: len(ledger(box, before)) == 8)
    assert {row[0] for row in ledger(box, before)} == {"refusal"}


def test_the_ticket_of_the_console_stays_there(box):
    say = f"""
import json, socket
line = socket.socket(socket.AF_UNIX)
line.connect("/run/bulkhead/users.sock")
line.sendall(json.dumps({{"method": "nas.users.Me", "parameters": {{"caller": {{"ticket": "{box.root_ticket()}"}}}}}}
                        ).encode() + b"\\0")
print(line.recv(4096).decode())
"""
    for user, wanted in (("0", '"username":"root"'), ("bulkhead-monitor", "nas.error.Unauthenticated")):
        done = subprocess.run(["setpriv", f"--reuid={user}", "--regid=bulkhead-callers", "--clear-groups",
                               "/usr/bin/python3", "-c", say], stdout=subprocess.PIPE, text=True, check=True, cwd="/")
        assert wanted in done.stdout, done.stdout


def test_the_same_request_twice_is_done_once(box, ada):
    key, before = "5c1f6a0e-5ba1-4c52-9c7e-2f3c9d7d8a11", last_row(box)
    wish = {"username": "ida", "password": PASSWORDS["root-made"]}
    first = ada.call("CreateUser", wish, idempotency=key)
    assert ada.call("CreateUser", wish, idempotency=key) == first and last_row(box) == before + 2
    assert refused(ada.call, "CreateUser", {**wish, "username": "ivy"}, idempotency=key).name == "nas.error.Conflict"
    box.kill("users-clerk")
    box.wait_for(lambda: not raises(lambda: ada.call("Me")))
    assert box.wait_for(lambda: not raises(lambda: ada.call("CreateUser", wish, idempotency=key)))
    assert ada.call("CreateUser", wish, idempotency=key) == first
    assert key not in str(box.psql("select * from users.repeat"))


def raises(call):
    try:
        call()
    except Exception as error:  # whatever it is
        return error
    return None


def test_ending_every_session(box, ada):
    ada.call("RotateSigningKey")
    assert ada.call("Me"), "a new signing key signs nobody out"
    ada.call("EndAllSessions")
    assert refused(ada.call, "Me").name == "nas.error.Unauthenticated"
    assert refused(ada.refresh).name == "nas.error.Unauthenticated"
