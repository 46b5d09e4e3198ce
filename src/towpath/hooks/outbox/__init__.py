"""The outbox: messages that are on the disk are delivered, channel by channel, in order, across crashes and dead receivers."""
