#!/usr/bin/python3
"""A whole daemon of its own for tests: Varlink on a Unix socket.

    toys.py SOCKET LOG TOYS        every call goes into LOG as a line of JSON: [method, parameters, caller];
                               TOYS is a list as JSON, or how many
"""
import json
import os
import socket
import sys
import threading

PLAN = {"digest": "0" * 64, "plan": "", "warrant": False, "destroys": False, "who": "nobody", "steps": []}
INFO = {"vendor": "Toys", "product": "toys", "version": "1", "url": "", "interfaces": []}


def answer(toys, log, call):
    name = call["method"].split(".")[-1]
    parameters = call.get("parameters", {})
    caller = parameters.pop("caller", {})
    log.write(json.dumps([name, parameters, caller]) + "\n")
    if name == "GetInfo":
        return {"parameters": INFO}
    if name == "ListToys":
        return {"parameters": {"toys": toys}}
    found = [toy for toy in toys if toy["id"] == parameters.get("id")]
    if name not in ("GetToy", "PaintToy", "NameToy"):
        return {"error": "org.varlink.service.MethodNotFound", "parameters": {"method": call["method"]}}
    if not found:
        return {"error": "nas.error.NotFound", "parameters": {"field": "id", "message": "There is no such toy.", "next": ""}}
    if name == "NameToy":
        found[0]["name"] = parameters["name"]
    if name == "PaintToy":
        if caller.get("dry_run"):
            return {"parameters": {"plan": PLAN}}
        found[0]["colour"] = parameters["colour"]
    return {"parameters": {"toy": found[0]}}


def serve(connection, toys, log):
    data = b""
    while chunk := connection.recv(65536):
        data += chunk
        while b"\0" in data:
            message, data = data.split(b"\0", 1)
            connection.sendall(json.dumps(answer(toys, log, json.loads(message))).encode() + b"\0")


def main():
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(sys.argv[1])
    os.chmod(sys.argv[1], 0o666)
    listening.listen(64)
    toys = json.loads(sys.argv[3])
    if isinstance(toys, int): # so many
        toys = [{"id": number, "name": f"Toy {number}", "colour": ("red", "green", "blue")[number % 3]} for number in range(1, toys + 1)]
    with open(sys.argv[2], "a", encoding="utf-8", buffering=1) as log:
        while True:
            connection, _ = listening.accept()
            threading.Thread(target=serve, args=(connection, toys, log), daemon=True).start()


if __name__ == "__main__":
    main()
