"""What is said to a Git server without git: small fetches and pushes over HTTP, in the smart protocol (gitprotocol-v2, gitprotocol-pack).

A git that fetches or pushes one commit is five programs and four requests, of which two only ask what the server can. Here it
is one or two requests and no program. Only what is plain and small is done here; whatever is not surely right is left to git,
which repeats it from the beginning and knows what to say of it.
"""
