"""The LaunchDarkly Python server SDK, unmodified, behind JSON lines (../README.md)."""

import json
import logging
import os
import sys
import threading

import ldclient
from ldclient import Context, datasystem
from ldclient.config import Config

logging.disable(logging.CRITICAL)
lock = threading.Lock()


def say(**message):
    with lock:
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()


def start(url, sdkKey, dataSystem=None):
    second = None if dataSystem is None else datasystem.default().build()
    config = Config(
        sdkKey, base_uri=url, stream_uri=url, events_uri=url, flush_interval=1, datasystem_config=second
    )
    ldclient.set_config(config)
    say(**{"is": "started", "ok": ldclient.get().is_initialized()})


def evaluate(flag, context, default):
    detail = ldclient.get().variation_detail(flag, Context.from_dict(context), default)
    say(**{"is": "value", "value": detail.value, "variationIndex": detail.variation_index, "reason": detail.reason})


def watch(flag, context, default):
    tracker = ldclient.get().flag_tracker
    tracker.add_flag_value_change_listener(
        flag, Context.from_dict(context), lambda change: say(**{"is": "changed", "value": change.new_value})
    )
    say(**{"is": "watching"})


def track(event, context):
    ldclient.get().track(event, Context.from_dict(context))
    say(**{"is": "tracked"})


def flush():
    ldclient.get().flush()
    say(**{"is": "flushed"})


def stop():
    ldclient.get().close()
    os._exit(0)


does = {"start": start, "evaluate": evaluate, "watch": watch, "track": track, "flush": flush, "stop": stop}
for line in sys.stdin:
    message = json.loads(line)
    try:
        does[message.pop("do")](**message)
    except Exception as error:  # the driver prints it as a failed check
        say(**{"is": "failed", "why": repr(error)})
