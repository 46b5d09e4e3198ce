"""How a server is reached: addresses, credentials, the gateway for HTTP, ssh."""
