"""Unleash's Python SDK, unmodified, behind JSON lines (../README.md)."""

import json
import logging
import os
import shutil
import sys
import tempfile
import threading
import time

from UnleashClient import UnleashClient

logging.disable(logging.CRITICAL)
lock = threading.Lock()
client = None
kept = tempfile.mkdtemp()


def say(**message):
    with lock:
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()


def start(url, sdkKey, mode="polling"):
    global client
    client = UnleashClient(
        url=f"{url}/api",
        app_name="conformance",
        custom_headers={"Authorization": sdkKey},
        refresh_interval=1,
        metrics_interval=1,
        cache_directory=kept,
        experimental_mode={"type": mode},
    )
    client.initialize_client()
    deadline = time.monotonic() + 10
    while not client.feature_definitions() and time.monotonic() < deadline:
        time.sleep(0.01)
    say(**{"is": "started", "ok": client.is_initialized and bool(client.feature_definitions())})


def asked(context):
    return {"userId": context["key"], "properties": {"country": context.get("country", "")}}


def evaluate(flag, context, default):
    value = client.is_enabled(flag, asked(context), fallback_function=lambda _name, _context: default)
    say(**{"is": "value", "value": value})


def watch(flag, context, default):
    # The SDK tells nobody of changes. It is asked in the way that does not count.
    def look():
        found = client._engine.check_enabled(flag, asked(context), fallback_function=lambda _name, _context: default)
        return found.is_enabled

    def follow(last):
        while True:
            time.sleep(0.01)
            value = look()
            if value != last:
                say(**{"is": "changed", "value": value})
                last = value

    threading.Thread(target=follow, args=(look(),), daemon=True).start()
    say(**{"is": "watching"})


def flush():
    # It sends each second what was counted, and has no call for it.
    say(**{"is": "flushed"})


def stop():
    shutil.rmtree(kept, ignore_errors=True)
    os._exit(0)


does = {"start": start, "evaluate": evaluate, "watch": watch, "flush": flush, "stop": stop}
for line in sys.stdin:
    message = json.loads(line)
    try:
        does[message.pop("do")](**message)
    except Exception as error:  # the driver prints it as a failed check
        say(**{"is": "failed", "why": repr(error)})
