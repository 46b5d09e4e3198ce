"""The domain-free machine that drives controllers: work queue, controller, manager."""
