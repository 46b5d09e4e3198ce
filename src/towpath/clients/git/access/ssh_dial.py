"""Connects to the first of some IP addresses that answers and hands the socket to ssh (`ProxyUseFdpass`).

A program of its own: `ssh_dial.py PORT ADDRESS...`. It takes addresses only, never names.
"""

import array
import ipaddress
import socket
import sys

_SECONDS = 10.0


def main(port: int, addresses: list[str]) -> int:
    """Return the exit code; the reason of a failure goes to stderr, as ssh words it."""
    if not addresses:
        sys.stderr.write("ssh: the host's name cannot be resolved\n")
    for address in addresses:
        ipaddress.ip_address(address.partition("%")[0])
        try:
            made = socket.create_connection((address, port), timeout=_SECONDS)
        except OSError as error:
            reason = error.strerror or str(error)
            sys.stderr.write(f"ssh: connect to host {address} port {port}: {reason}\n")
            continue
        made.settimeout(None)
        descriptors = array.array("i", [made.fileno()])
        with socket.socket(fileno=sys.stdout.fileno()) as ssh:
            ssh.sendmsg([b"\0"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, descriptors)])
            ssh.detach()
        return 0
    return 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2:]))
