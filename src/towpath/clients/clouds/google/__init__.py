"""Google Cloud: tokens of service accounts, by their key or by the machine's identity."""
