"""OpenFeature's OFREP provider for Python, unmodified, behind JSON lines (../README.md)."""

import json
import logging
import os
import sys

from openfeature import api
from openfeature.contrib.provider.ofrep import OFREPProvider
from openfeature.evaluation_context import EvaluationContext

logging.disable(logging.CRITICAL)


def say(**message):
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def start(url, sdkKey):
    headers = {"Authorization": f"Bearer {sdkKey}"}
    api.set_provider(OFREPProvider(url, headers_factory=lambda: headers))
    say(**{"is": "started", "ok": True})


def evaluate(flag, context, default):
    attributes = {name: value for name, value in context.items() if name != "key"}
    details = api.get_client().get_boolean_details(flag, default, EvaluationContext(context["key"], attributes))
    metadata = dict(details.flag_metadata)
    say(**{"is": "value", "value": details.value, "variant": details.variant, "reason": details.reason, "flagMetadata": metadata})


def stop():
    os._exit(0)


does = {"start": start, "evaluate": evaluate, "stop": stop}
for line in sys.stdin:
    message = json.loads(line)
    try:
        does[message.pop("do")](**message)
    except Exception as error:  # the driver prints it as a failed check
        say(**{"is": "failed", "why": repr(error)})
