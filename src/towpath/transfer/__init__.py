"""Projects on their way from one instance to another, or from Kargo to here: what goes along, and the file that it goes in.

`archive` is the format, `sealing` how Secrets lie in it, `contents` what goes along and what must have ended before, `kargo`
makes an archive's contents of the manifests of a Kargo Project, `arrival` checks one and has the store take it over.
"""
