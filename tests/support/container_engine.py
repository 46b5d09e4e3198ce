"""A stand-in for podman and docker: a program that takes the same arguments, keeps its images in a folder, and runs a container's
command as a process of this machine. It refuses what those two do not have, and what only one of them has.
"""

from __future__ import annotations

import stat
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_PROGRAM = """#!{python}
import json, os, pathlib, signal, subprocess, sys
HOME = pathlib.Path({home!r})
def note(**what):
    with open(HOME / "calls", "a") as file:
        file.write(json.dumps(what) + "\\n")
def die(code, said):
    print(said, file=sys.stderr)
    sys.exit(code)
arguments = sys.argv[1:]
note(argv=arguments, environment=dict(os.environ))
match arguments:
    case ["image", "inspect", image]:
        sys.exit(0 if (HOME / image.replace("/", "_")).exists() else 1)
    case ["pull", image]:
        if "nowhere" in image:
            die(125, f"Error: initializing source docker://{{image}}: reading manifest: manifest unknown")
        (HOME / image.replace("/", "_")).touch()
    case ["rm", "--force", name]:
        place = HOME / f"container-{{name}}"
        if place.exists():
            try:
                os.killpg(int(place.read_text()), signal.SIGKILL)
            except (ProcessLookupError, ValueError):
                pass
            place.unlink(missing_ok=True)
    case ["run", *rest]:
        options, variables, entry, name = [], {{}}, None, ""
        while rest and rest[0].startswith("-"):
            option, _, value = rest.pop(0).partition("=")
            match option:
                case "--rm": pass
                case "--name": name = value
                case "--env":
                    name_, given, said = value.partition("=")
                    variables[name_] = said if given else os.environ[name_]
                case "--entrypoint": entry = value
                case "--pull": assert value == "never"
                case "--label" | "--network" | "--memory" | "--cpus": assert value
                case _: die(125, f"unknown flag: {{option}}")
        image, *command = rest
        if not (HOME / image.replace("/", "_")).exists():
            die(125, f"Error: {{image}}: image not known")
        if (HOME / f"container-{{name}}").exists():
            die(125, f"Error: the container name {{name}} is already in use")
        command = ([entry] if entry else ["/bin/sh", "-c"]) + command
        # As a daemon's: it is no child of whoever asks for it, and does not end with it.
        running = subprocess.Popen(command, env={{"PATH": "/usr/bin:/bin", **variables}}, start_new_session=True)
        (HOME / f"container-{{name}}").write_text(str(running.pid))
        code = running.wait()
        (HOME / f"container-{{name}}").unlink(missing_ok=True)
        sys.exit(code if code >= 0 else 128 - code)
    case _:
        die(125, f"unknown command: {{arguments}}")
"""


def installed(folder: Path) -> Path:
    """Write the program into a folder, where its images and calls are as well; return its file."""
    folder.mkdir()
    program = folder / "engine"
    program.write_text(_PROGRAM.format(python=sys.executable, home=str(folder)))
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return program
