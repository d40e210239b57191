"""The shares clerk killed while a change is under way, on a machine with a real PID 1."""
import socket
import threading
import time

from storage import OPEN, chosen
from storage_scenes import Refused


def play_all(crash, scenes, kills):
    """Each scene with so many kills of the hand over all of them, and a quarter as many of the clerk."""
    for kind in chosen(scenes):
        crash.play(kind, crash.part(kind, kills, scenes))
        kill_the_clerk(crash, kind, max(1, kills // 4 // len(scenes)))


def nothing_drifts(crash):
    drift = crash.machine.call("shares", "nas.shares.ListShareDrift", {}, crash.machine.ask("console_ticket"))["drift"]
    crash.count("nothing drifts", drift or None)


def kill_the_clerk(crash, kind, kills):
    """While a change is under way: what it began is finished or undone, and it knows which."""
    machine, scene = crash.machine, kind(crash.machine)
    took = 1.0
    for kill in range(kills):
        crash.turn += 1
        scene.turn = crash.turn
        scene.prepare()
        last = machine.sql("select coalesce(max(id), 0) from ledger.row")
        ticket, warrant = machine.permit(scene.method, scene.parameters())
        told = []

        def change():
            try:
                machine.call("shares", scene.method, scene.parameters(), ticket, **warrant)
                told.append(True)
            except (Refused, OSError):
                pass

        under_way, begun = threading.Thread(target=change), time.monotonic()
        under_way.start()
        time.sleep(took * (kill + 0.5) / kills)  # where it strikes does not matter to what must hold
        machine.shell("kill -KILL $(systemctl show -P MainPID bulkhead-shares-clerk.service)")
        under_way.join()
        took = max(0.2, time.monotonic() - begun)
        machine.patient("it is back", lambda: answers(machine))
        machine.patient("an end of it", lambda: machine.sql(OPEN) == "0")
        seen = scene.seen()
        outcomes = machine.sql(f"select outcome from ledger.row where id > {last} and kind = 'outcome' and method = "
                               f"'{scene.method}'").split()
        wrong = (f"half done: {seen}, the ledger says {outcomes}" if not isinstance(seen, bool) else
                 "it was answered and is not done" if told and not seen else
                 f"the machine says {seen}, the ledger {outcomes}" if seen != ("success" in outcomes) else None)
        crash.count(f"{kind.__name__} with the clerk killed ({kill + 1} of {kills})", wrong)


def answers(machine):
    try:
        return machine.call("shares", "nas.shares.ListSmbShares", {}, machine.ask("console_ticket")) is not None
    except (Refused, OSError, socket.error):
        return False
