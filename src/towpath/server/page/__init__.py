"""The web UI, as the server hands it out: the built files, one page for every address in it, and nothing that needs a token.

What is built from `ui/` lies in the folder `built` beside this module, where the wheel has it as well. It is read when it is
asked for, and again when it was built anew: a server that starts before its UI is built shows it once it is there.
"""

from towpath.server.page.serving import WebPage

__all__ = ["WebPage"]
