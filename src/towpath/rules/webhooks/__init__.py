"""What deliveries of webhooks say: who sent them, what was pushed, which pull request is closed. Pure.

One module for each sender; `senders` is the table of them. What a sender has pushed is compared with Warehouses elsewhere
(`artifacts/pushes`).
"""
